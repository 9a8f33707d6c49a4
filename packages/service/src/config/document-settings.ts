import { defaultOf, type Settings, settingDoc } from './setting.ts';

/** The settings as a Markdown table: what docs/reference/configuration.md is made of. */
export function documentSettings(settings: Settings): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const { description, allowed } = settingDoc(schema);
    const fallback = defaultOf(schema);
    return `| \`${name}\` | ${description} | ${allowed} | ${fallback === undefined ? '' : `\`${fallback}\``} |`;
  });
  return ['| Variable | Meaning | Allowed | Default |', '|---|---|---|---|', ...rows].join('\n');
}
