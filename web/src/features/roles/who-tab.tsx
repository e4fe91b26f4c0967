// Who could do this?
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { actionsQuery } from "../../api/queries";
import type { Search } from "../../api/url";
import { SelectField } from "../../ui/field";
import { NotAllowed } from "../../ui/not-allowed";
import { Card } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Chip } from "../../ui/status";

export function WhoTab() {
  const denied = useWhyNot("simulate_who");
  const { action, resource } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const actions = useQuery(actionsQuery).data?.items ?? [];
  const chosen = actions.find((each) => each.name === action);
  const needs = chosen !== undefined && chosen.on !== "everything";
  const answer = useQuery({
    queryKey: ["simulate-who", action, resource],
    queryFn: () =>
      ask(
        api.POST("/api/v1/admin/simulate/who", {
          body: { action: action ?? "", ...(needs && resource ? { resource_kind: chosen.on, resource } : {}) },
        }),
      ),
    enabled: chosen !== undefined && !denied && (!needs || Boolean(resource)),
    retry: false,
  });
  if (denied) return <NotAllowed reason={denied} />;
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const may = answer.data?.items.filter((item) => item.allowed) ?? [];
  const mayNot = answer.data?.items.filter((item) => !item.allowed) ?? [];
  return (
    <Card>
      <div className="grid gap-4 border-line2 border-b p-4 sm:grid-cols-2">
        <SelectField
          label="Who could"
          options={[["", "Choose an action"], ...actions.map((each) => [each.name, each.text.replace(/\.$/, "")] as const)]}
          value={action ?? ""}
          onChange={(event) => change({ action: event.target.value || undefined })}
        />
        {needs && (
          <div className="flex flex-col gap-1">
            <span className="font-medium">On which {chosen.on.replaceAll("_", " ")}</span>
            <SearchBox
              label={`Name or id of the ${chosen.on.replaceAll("_", " ")}`}
              placeholder="Name or id"
              value={resource ?? ""}
              onChange={(next) => change({ resource: next || undefined })}
              waitMs={400}
            />
          </div>
        )}
      </div>
      {!chosen && <Empty title="Choose an action">Then you see who could do it, and by which rule.</Empty>}
      {chosen && needs && !resource && <Empty title={`On which ${chosen.on.replaceAll("_", " ")}?`}>Its name or id decides.</Empty>}
      {answer.isFetching && !answer.data && <SkeletonRows rows={4} />}
      {answer.isError && <Failed error={answer.error} what="This could not be asked" onRetry={() => void answer.refetch()} />}
      {answer.data && (
        <ul aria-label="Who could">
          {[...may, ...mayNot].map((item) => (
            <li key={item.user.id} className="flex h-11 items-center gap-3 border-line2 border-b px-4 last:border-0">
              <Chip tone={item.allowed ? "ok" : "idle"}>{item.allowed ? "Could" : "Could not"}</Chip>
              <Link to="/users/$id" params={{ id: item.user.username }} className="truncate font-medium hover:underline">
                {item.user.username}
              </Link>
              <code className="ml-auto truncate font-mono text-ink3 text-xs">{item.rule}</code>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
