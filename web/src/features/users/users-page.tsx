// Users: who may log in, and as what.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, UserCheck, UserPlus, UserX } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useMe, useWhyNot } from "../../api/me";
import { errorText } from "../../api/problem";
import type { Role, User } from "../../api/types";
import { Button } from "../../ui/button";
import { ToolSelect } from "../../ui/field";
import { plural } from "../../ui/format";
import { Menu, MenuItem } from "../../ui/menu";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Empty, Failed, Notice, SkeletonRows } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { AddUser, SetPassword } from "./user-dialogs";

export const ROLES = [
  ["viewer", "viewer"],
  ["developer", "developer"],
  ["operator", "operator"],
  ["admin", "admin"],
] as const;

export function UsersPage() {
  useTitle("Users");
  const denied = useWhyNot("user_list");
  const [adding, setAdding] = useState(false);
  const answer = useQuery({ queryKey: ["users"], queryFn: () => ask(api.GET("/api/v1/admin/users")), enabled: denied === null });
  if (denied) return <Empty title="Not for your role">{denied}</Empty>;
  return (
    <ScrollPage slim>
      <PageHead title="Users" sub={answer.data ? plural(answer.data.total, "user") : undefined}>
        <Button look="primary" icon={<UserPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
          Add a user
        </Button>
      </PageHead>
      <Card className="mt-4">
        {answer.isPending ? (
          <SkeletonRows rows={4} className="h-14" />
        ) : answer.isError ? (
          <Failed error={answer.error} what="The users could not be read" onRetry={() => void answer.refetch()} />
        ) : (
          <ul>
            {answer.data.items.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </ul>
        )}
      </Card>
      <p className="mt-3 text-ink3 text-xs">
        Viewers read. Operators also act on agents and admit new ones. Admins do everything, users and audit included.
      </p>
      {adding && <AddUser onClose={() => setAdding(false)} />}
    </ScrollPage>
  );
}

function UserRow({ user }: { user: User }) {
  const me = useMe();
  const queries = useQueryClient();
  const [password, setPassword] = useState(false);
  const own = me?.id === user.id;
  const change = useMutation({
    mutationFn: async (wish: { role?: Role; active?: boolean }) => {
      const params = { path: { id: user.id } };
      if (wish.role) await ask(api.PUT("/api/v1/admin/users/{id}/roles", { params, body: { role: wish.role } }));
      if (wish.active !== undefined) await ask(api.PATCH("/api/v1/admin/users/{id}", { params, body: { active: wish.active } }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
  return (
    <li className="border-line2 border-b px-3.5 py-2.5 last:border-0">
      <div className="flex min-h-9 items-center gap-x-4 gap-y-2 max-sm:flex-wrap">
        <span
          aria-hidden="true"
          className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-2xs text-accent uppercase"
        >
          {user.username.slice(0, 2)}
        </span>
        <div className="min-w-0 flex-1 max-sm:basis-[calc(100%-60px)]">
          <div className="flex items-center gap-2">
            <span className="truncate font-semibold">{user.username}</span>
            {own && <span className="text-ink3 text-xs">you</span>}
          </div>
          <div className="text-ink3 text-xs">
            {user.last_active_at ? (
              <>
                active <Ago at={user.last_active_at} />
              </>
            ) : (
              "never logged in"
            )}
            , here for <Ago at={user.created_at} as="for" />
          </div>
        </div>
        <Chip tone={user.active ? "ok" : "idle"}>{user.active ? "Active" : "Disabled"}</Chip>
        <ToolSelect
          label={`Role of ${user.username}`}
          options={ROLES}
          value={user.role}
          disabled={own || change.isPending}
          title={own ? "You cannot change your own role. Ask another admin." : undefined}
          onChange={(event) => change.mutate({ role: event.target.value as Role })}
          className="disabled:opacity-55 max-sm:ml-auto"
        />
        <Menu
          trigger={
            <Button
              look="ghost"
              aria-label={`More for ${user.username}`}
              icon={<Ellipsis size={16} aria-hidden />}
              busy={change.isPending}
            />
          }
        >
          <MenuItem icon={<KeyRound size={14} aria-hidden />} onClick={() => setPassword(true)}>
            Set a password…
          </MenuItem>
          {user.active ? (
            <MenuItem
              icon={<UserX size={14} aria-hidden />}
              tone="bad"
              reason={own ? "You cannot disable yourself." : null}
              onClick={() => change.mutate({ active: false })}
            >
              Disable, end all sessions
            </MenuItem>
          ) : (
            <MenuItem icon={<UserCheck size={14} aria-hidden />} onClick={() => change.mutate({ active: true })}>
              Enable
            </MenuItem>
          )}
        </Menu>
      </div>
      {change.isError && (
        <Notice tone="bad" className="mt-2">
          {errorText(change.error)}
        </Notice>
      )}
      {password && <SetPassword user={user} onClose={() => setPassword(false)} />}
    </li>
  );
}
