/** A text in roff: hyphens that are typed stay such, and no line begins with a control character. */
function roff(text) {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '\\|.\\|.\\|.');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function paragraph(text) {
  return `.PP\n${roff(text)}\n`;
}

function tagged(head, text) {
  return `.TP\n${head}\n${roff(text)}\n`;
}

function flagHead({ flag, value }) {
  return value === undefined ? `.B ${roff(`--${flag}`)}` : `.BI ${roff(`--${flag}`)} " ${roff(value)}"`;
}

/** deploy/man/dockershim.8 */
export function manPage({ COMMANDS, CRI_DOCKERD_FLAGS, DEFAULT_CONFIG_FILE, meaningOf, version }) {
  const flags = (list) => list.map((flag) => tagged(flagHead(flag), `${meaningOf(flag)}.`)).join('');
  const serve = COMMANDS.find(({ name }) => name === 'serve');
  const synopsis = ({ name, synopsis: words }) => `.B dockershim ${name}\n${words === '' ? '' : `${roff(words)}\n`}`;
  const command = ({ name, description, flags: own }) =>
    `.SS ${name}\n${description.map(roff).join('\n.PP\n')}\n${name === 'serve' ? '' : flags(own)}`;
  return `.\\" Made by "npm run reference" from src/cli/commands.ts and src/config/options.ts.
.TH DOCKERSHIM 8 "" "dockershim ${version}" "System Administration"
.SH NAME
dockershim \\- run Kubernetes pods on a Docker Engine
.SH SYNOPSIS
${COMMANDS.map(synopsis).join('.br\n')}.SH DESCRIPTION
dockershim is a daemon that speaks the Kubernetes Container Runtime Interface (CRI) on a unix socket, for a kubelet or
.BR crictl ,
and carries it out on a Docker Engine.
.SH COMMANDS
${COMMANDS.map(command).join('')}.SH OPTIONS
These are the options of
.BR serve .
${flags(serve.flags)}${paragraph('Flags of cri-dockerd that are accepted and change nothing:')}${CRI_DOCKERD_FLAGS.map(
    (flag) => tagged(flagHead(flag), `${flag.meaning}.`),
  ).join('')}.SH CONFIGURATION FILE
${roff(`A YAML file, ${DEFAULT_CONFIG_FILE} unless --config names another, whose keys are the options without their dashes:`)}
.PP
.nf
.RS
log\\-level: debug
cni\\-bin\\-dir: [/opt/cni/bin, /usr/lib/cni]
.RE
.fi
${paragraph('Flags go before the file. A key or value that is none is named with its line, and nothing starts.')}.SH SIGNALS
${tagged('.BR SIGTERM ", " SIGINT', 'end the daemon; pods go on. A second one ends it at once.')}${tagged('.B SIGHUP', 'has the configuration file read anew.')}.SH EXIT STATUS
${COMMANDS.map(({ name, exitStatus }) => tagged(`.B ${name}`, `${exitStatus}.`)).join('')}.SH FILES
${tagged(`.I ${roff(DEFAULT_CONFIG_FILE)}`, 'the configuration, when it is there.')}${serve.flags
    .filter(({ value, default: path }) => value === 'DIR' && path !== undefined)
    .map(({ flag, default: path }) => tagged(`.I ${roff(path)}`, `see --${flag}.`))
    .join('')}.SH SEE ALSO
.BR crictl (1),
.BR dockerd (8),
.BR kubelet (1)
`;
}
