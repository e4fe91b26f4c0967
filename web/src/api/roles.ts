// The roles as lists to choose from.
import { useQuery } from "@tanstack/react-query";
import { rolesQuery } from "./queries";

const BUILT_IN: readonly (readonly [string, string])[] = [
  ["viewer", "Viewer"],
  ["developer", "Developer"],
  ["operator", "Operator"],
  ["admin", "Admin"],
];

/** Names and titles: the built-in ones first, then those made here. Until the server has answered, the built-in ones. */
export function useRoleOptions(): readonly (readonly [string, string])[] {
  const { data } = useQuery(rolesQuery);
  if (!data) return BUILT_IN;
  const made = data.items.filter((role) => !role.built_in).map((role) => [role.name, role.title || role.name] as const);
  return [...BUILT_IN, ...made];
}
