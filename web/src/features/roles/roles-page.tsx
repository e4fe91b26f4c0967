// Roles: what each allows, who was given which, and the simulator that answers who could do what. Each part is a tab with an address.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useWhyNot } from "../../api/me";
import { rolesQuery } from "../../api/queries";
import type { RoleInfo } from "../../api/types";
import type { Search } from "../../api/url";
import { Assignments } from "../../ui/assignments";
import { Button } from "../../ui/button";
import { plural } from "../../ui/format";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Chip } from "../../ui/status";
import { TabPanel, Tabs } from "../../ui/tabs";
import { Ago } from "../../ui/time";
import { ruleWords } from "./draft";
import { NewRole } from "./new-role";
import { PastTab } from "./past-tab";
import { WhatTab } from "./what-tab";
import { WhoTab } from "./who-tab";

const TABS = [
  ["roles", "Roles"],
  ["assignments", "Given to"],
  ["who", "Who could?"],
  ["what", "What could they?"],
  ["past", "What would change?"],
] as const;

export function RolesPage() {
  useTitle("Roles");
  const denied = useWhyNot("role_list");
  const { new: making } = useSearch({ strict: false });
  if (denied) return <NotAllowed reason={denied} />;
  return making ? <NewRole /> : <Roles />;
}

function Roles() {
  const { tab } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const mayCreate = useWhyNot("role_create");
  const answer = useQuery(rolesQuery);
  const value = TABS.find(([key]) => key === tab)?.[0] ?? "roles";
  return (
    <ScrollPage>
      <PageHead title="Roles" sub={answer.data ? plural(answer.data.items.length, "role") : undefined}>
        <Button
          look="primary"
          reason={mayCreate}
          icon={<Plus size={15} aria-hidden />}
          onClick={() => void navigate({ to: "/roles", search: { new: "1" } })}
        >
          New role
        </Button>
      </PageHead>
      <Tabs
        className="mt-3"
        label="Parts of roles"
        tabs={TABS}
        value={value}
        onChange={(next) => void navigate({ to: ".", search: next === "roles" ? {} : { tab: next } })}
      >
        <TabPanel value="roles" className="pt-4">
          <Card>
            <Listing answer={answer} what="The roles" rows={5} rowClass="h-16" empty={() => null}>
              {(data) => (
                <ul aria-label="Roles">
                  {data.items.map((role) => (
                    <Item key={role.name} role={role} />
                  ))}
                </ul>
              )}
            </Listing>
          </Card>
          <p className="mt-3 text-ink3 text-xs">
            What a person may do is what all their roles allow together. A deny beats every allow, and what no rule allows is refused.
          </p>
        </TabPanel>
        <TabPanel value="assignments" className="pt-4">
          <Assignments
            title="Roles given"
            about="To users beside their own role, to service tokens, and to groups of identity providers."
            byRole
          />
        </TabPanel>
        <TabPanel value="who" className="pt-4">
          <WhoTab />
        </TabPanel>
        <TabPanel value="what" className="pt-4">
          <WhatTab />
        </TabPanel>
        <TabPanel value="past" className="pt-4">
          <PastTab />
        </TabPanel>
      </Tabs>
    </ScrollPage>
  );
}

function about(role: RoleInfo): string {
  if (role.description) return role.description;
  if (role.by_hand) return "Written in Cedar by hand.";
  return role.rules.map(ruleWords).join(". ");
}

function Item({ role }: { role: RoleInfo }) {
  const holders = [
    role.users > 0 && plural(role.users, "user"),
    role.assignments > 0 && `given ${plural(role.assignments, "time")}`,
  ].filter(Boolean);
  return (
    <li className="relative flex min-h-16 flex-wrap items-center gap-x-4 gap-y-1 border-line2 border-b px-4 py-2.5 last:border-0 hover:bg-hover">
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex flex-wrap items-center gap-2">
          <Link
            to="/roles/$name"
            params={{ name: role.name }}
            className="font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-[-2px]"
          >
            {role.title || role.name}
          </Link>
          <code className="font-mono text-ink3 text-xs">{role.name}</code>
          {role.step_up && <Chip tone="warn">Asks again who you are</Chip>}
        </div>
        <div className="line-clamp-2 text-ink2 text-xs">{about(role)}</div>
      </div>
      <div className="flex flex-wrap gap-x-2 text-ink3 text-xs sm:block sm:text-right">
        <div>{holders.join(", ") || "held by nobody"}</div>
        <div>
          {role.built_in ? (
            "built in"
          ) : role.updated_at ? (
            <>
              changed <Ago at={role.updated_at} />
              {role.updated_by && ` by ${role.updated_by}`}
            </>
          ) : (
            ""
          )}
        </div>
      </div>
    </li>
  );
}
