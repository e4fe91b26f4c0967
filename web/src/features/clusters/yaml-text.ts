// Objects as YAML and back.
import { parseDocument, stringify } from "yaml";
import type { KubeObject } from "../../api/kube/types";

/** The object as people edit it: without the record of who manages which field, which is long and not for editing. */
export function yamlOf(object: KubeObject, whole = false): string {
  const { managedFields, ...metadata } = object.metadata;
  const { apiVersion, kind, metadata: _, ...rest } = object;
  const shown = { apiVersion, kind, metadata: whole && managedFields ? { ...metadata, managedFields } : metadata, ...rest };
  return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false });
}

export type Parsed = { object: KubeObject; error: null } | { object: null; error: string };

/** What an edited text says, or where it cannot be read. It must still be the same object. */
export function yamlParse(text: string, was: KubeObject): Parsed {
  const document = parseDocument(text, { prettyErrors: true });
  const [wrong] = document.errors;
  if (wrong) {
    const line = wrong.linePos?.[0].line;
    const [what = "It cannot be read."] = wrong.message.split(/ at line \d|\n/);
    return { object: null, error: line ? `Line ${line}: ${what}` : what };
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { object: null, error: "It is no object." };
  const object = value as KubeObject;
  const same =
    object.apiVersion === was.apiVersion &&
    object.kind === was.kind &&
    object.metadata?.name === was.metadata.name &&
    object.metadata?.namespace === was.metadata.namespace;
  if (!same) return { object: null, error: "Kind, name and namespace stay what they are: another of them would be another object." };
  return { object, error: null };
}
