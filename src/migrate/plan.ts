/** What a person does to take a node from one runtime to another, in order. */
export interface Plan {
  readonly title: string;
  /** What is known of this node, and what the plan rests on. */
  readonly given: readonly string[];
  readonly steps: readonly Step[];
}

export interface Step {
  /** A sentence without its full stop. */
  readonly does: string;
  readonly commands?: readonly string[];
  /** Why, or what to mind. */
  readonly note?: string;
}

/** The plan as text: numbered steps, the commands by themselves so that they can be copied. */
export function planText({ title, given, steps }: Plan): string {
  const lines = [title, '', ...given.map((fact) => `  · ${fact}`), ''];
  steps.forEach(({ does, commands = [], note }, index) => {
    lines.push(`${index + 1}. ${does}.`);
    if (note !== undefined) lines.push(`   (${note})`);
    lines.push(...commands.map((command) => `       ${command}`), '');
  });
  return lines.join('\n');
}
