const code = (text) => (text === '' ? 'empty' : `\`${text}\``);
const cell = (text) => text.replaceAll('|', '\\|');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;
const rows = (head, list) => [row(...head), row(...head.map(() => '---')), ...list].join('\n');

function synonyms({ flag, synonyms: words = {} }) {
  return Object.entries(words).map(([word, meant]) => row(code(`--${flag}=${word}`), code(meant)));
}

/** docs/configuration.md */
export function configurationDoc({ CRI_DOCKERD_FLAGS, DEFAULT_CONFIG_FILE, OPTIONS }) {
  const options = OPTIONS.map((option) =>
    row(
      `\`--${option.flag} ${option.value}\``,
      code(option.default),
      option.reloads ? 'at once' : 'at a restart',
      option.meaning,
    ),
  );
  const unused = CRI_DOCKERD_FLAGS.map(({ flag, meaning }) => row(`\`--${flag}\``, meaning));
  return `# Configuration

<!-- Made by \`npm run reference\` from src/config/options.ts. -->

Settings are flags of \`dockershim serve\`, or keys of a YAML file: \`${DEFAULT_CONFIG_FILE}\` when it is there, or the one
that \`--config\` names. Flags go before the file, and the file before the defaults; the log names each line of the file that
changes nothing, for a flag goes before it. A key is an option without its dashes:

\`\`\`yaml
# ${DEFAULT_CONFIG_FILE}
docker-endpoint: unix:///run/docker.sock
log-level: debug
cni-bin-dir: [/opt/cni/bin, /usr/lib/cni]
\`\`\`

\`dockershim serve --print-config\` prints what is in effect, as such a file, and where each value comes from. An option that
there is not, or a value that it can't have, is named with its flag, or its file and line, and the daemon doesn't start:

\`\`\`
dockershim: /etc/dockershim/config.yaml:3: there is no option "logLevel"; log-level is meant
\`\`\`

SIGHUP (\`systemctl reload\`) has the file read anew. What can change takes effect at once; the log names what changed, and
what waits for a restart, during which pods go on. A file with a fault changes nothing: the log says where the fault is.

## Options

${rows(['Option', 'Default', 'A change takes effect', 'Meaning'], options)}

A list in the file is for \`container-runtime-endpoint\`, to serve on several sockets, and for \`cni-bin-dir\`. A time is
written as Go writes it: \`90s\`, \`1m30s\`.

The shim's unit gives \`--container-runtime-endpoint=fd://\`, so that the sockets are those of \`dockershim.socket\`:
\`systemctl edit dockershim.socket\` adds one ([migration.md](migration.md#from-cri-dockerd)), and the key in the file is for a
shim that is started otherwise.

## From cri-dockerd

Every flag of cri-dockerd is accepted, so that its unit file serves with the name of the program changed: options without a
command are those of \`serve\`. The default socket is the in-tree dockershim's, \`/run/dockershim.sock\`. Some values are
understood as one of dockershim's:

${rows(['cri-dockerd', 'dockershim'], OPTIONS.flatMap(synonyms))}

These flags change nothing, and the log says so:

${rows(['Flag', 'Why'], unused)}
`;
}
