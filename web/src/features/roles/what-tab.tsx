// What could this user do?
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { actionsQuery } from "../../api/queries";
import type { WhatItem } from "../../api/types";
import type { Search } from "../../api/url";
import { Facet } from "../../ui/facet";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, Tag } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Chip, type Words } from "../../ui/status";

const EXTENT: Record<WhatItem["allowed"], Words> = {
  all: { tone: "ok", word: "On all" },
  some: { tone: "warn", word: "On some" },
  none: { tone: "idle", word: "No" },
};

export function WhatTab() {
  const denied = useWhyNot("simulate_what");
  const { user, q, state } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const actions = useQuery(actionsQuery).data?.items;
  const words = useMemo(() => new Map((actions ?? []).map((action) => [action.name, action.text])), [actions]);
  const answer = useQuery({
    queryKey: ["simulate-what", user],
    queryFn: () => ask(api.POST("/api/v1/admin/simulate/what", { body: { user: user ?? "" } })),
    enabled: Boolean(user) && !denied,
    retry: false,
  });
  if (denied) return <NotAllowed reason={denied} />;
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const low = (q ?? "").toLowerCase();
  const shown = (answer.data?.items ?? []).filter(
    (item) => (!state || item.allowed === state) && `${item.action} ${words.get(item.action) ?? ""}`.toLowerCase().includes(low),
  );
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-2 border-line2 border-b p-4">
        <SearchBox
          label="User"
          placeholder="User name or id"
          className="w-56 max-md:w-full"
          value={user ?? ""}
          onChange={(next) => change({ user: next || undefined })}
          waitMs={400}
        />
        <SearchBox
          label="Find an action"
          className="w-56 max-md:w-full"
          value={q ?? ""}
          onChange={(next) => change({ q: next || undefined })}
        />
        <Facet
          label="May"
          single
          options={Object.entries(EXTENT).map(([value, extent]) => ({
            value,
            text: extent.word,
            count: answer.data?.items.filter((item) => item.allowed === value).length,
          }))}
          chosen={state ? [state] : []}
          onChange={([next]) => change({ state: next })}
        />
        {answer.data && (
          <span className="flex flex-wrap items-center gap-1.5 text-ink2">
            as
            {answer.data.roles.map((role) => (
              <Tag key={role}>{role}</Tag>
            ))}
          </span>
        )}
      </div>
      {!user && <Empty title="Whose rights?">Enter a user's name, and see each action with the rule that decides it.</Empty>}
      {user && answer.isPending && <SkeletonRows rows={6} />}
      {answer.isError && <Failed error={answer.error} what="This could not be asked" onRetry={() => void answer.refetch()} />}
      {answer.data && shown.length === 0 && <Empty title="No such action" />}
      {shown.length > 0 && (
        <ul aria-label="What they could do">
          {shown.map((item) => (
            <li key={item.action} className="flex min-h-10 flex-wrap items-center gap-x-3 border-line2 border-b px-4 py-1.5 last:border-0">
              <Chip tone={EXTENT[item.allowed].tone} className="w-[86px]">
                {EXTENT[item.allowed].word}
              </Chip>
              <span className="font-medium max-md:order-last max-md:w-full max-md:pb-0.5">
                {(words.get(item.action) ?? item.action).replace(/\.$/, "")}
              </span>
              <code className="font-mono text-ink3 text-xs">{item.action}</code>
              <code className="ml-auto truncate font-mono text-ink3 text-xs">{item.rule}</code>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
