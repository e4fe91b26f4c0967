// Which past actions would have been refused without a role?
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { rolesQuery } from "../../api/queries";
import type { Search } from "../../api/url";
import { SelectField } from "../../ui/field";
import { NotAllowed } from "../../ui/not-allowed";
import { Card } from "../../ui/page";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { PastResult } from "./past";
import { PAST_SPANS, pastFrom } from "./past-spans";

export function PastTab() {
  const denied = useWhyNot("simulate_past");
  const { role, range } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const roles = useQuery(rolesQuery).data?.items.filter((each) => !each.built_in) ?? [];
  const span = PAST_SPANS.find(([value]) => value === range)?.[0] ?? "7d";
  const answer = useQuery({
    queryKey: ["simulate-past", role, span],
    queryFn: () => ask(api.POST("/api/v1/admin/simulate/past", { body: { deleted: role ?? "", from: pastFrom(span) } })),
    enabled: Boolean(role) && !denied,
    retry: false,
  });
  if (denied) return <NotAllowed reason={denied} />;
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  return (
    <Card>
      <div className="grid gap-4 border-line2 border-b p-4 sm:grid-cols-2">
        <SelectField
          label="If this role were deleted"
          options={[["", "Choose a role"], ...roles.map((each) => [each.name, each.title || each.name] as const)]}
          value={role ?? ""}
          onChange={(event) => change({ role: event.target.value || undefined })}
        />
        <SelectField label="Looking at" options={PAST_SPANS} value={span} onChange={(event) => change({ range: event.target.value })} />
      </div>
      {!role && (
        <Empty title="Which role?">
          To try a change instead, open the role, change it, and press “Try it against the past”.{" "}
          <Link to="/roles" search={{}} className="text-accent hover:underline">
            To the roles
          </Link>
        </Empty>
      )}
      {role && answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && <Failed error={answer.error} what="This could not be tried" onRetry={() => void answer.refetch()} />}
      {answer.data && <PastResult answer={answer.data} />}
    </Card>
  );
}
