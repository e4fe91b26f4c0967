// Everybody's tokens, and the service tokens that belong to nobody.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, Plus } from "lucide-react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Facet } from "../../ui/facet";
import { plural } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { NewToken } from "./new-token";
import { TokenList } from "./token-list";

const STATES = [
  { value: "active", text: "Active" },
  { value: "expired", text: "Expired" },
  { value: "revoked", text: "Revoked" },
];
const KINDS = [
  { value: "personal", text: "Personal" },
  { value: "service", text: "Service" },
];

export function TokensPage() {
  useTitle("Tokens");
  const denied = useWhyNot("token_admin");
  return denied ? <NotAllowed reason={denied} /> : <Tokens />;
}

function Tokens() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const mayCreate = useWhyNot("token_create");
  const answer = useQuery({
    queryKey: ["tokens", "all"],
    queryFn: () => ask(api.GET("/api/v1/tokens", { params: { query: { all: true } } })),
  });
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const all = answer.data?.items ?? [];
  const words = (search.q ?? "").toLowerCase();
  const shown = all.filter(
    (token) =>
      (!search.state || token.state === search.state) &&
      (!search.kind || token.kind === search.kind) &&
      `${token.name} ${token.owner ?? ""} ${token.prefix} ${token.scopes.join(" ")}`.toLowerCase().includes(words),
  );
  return (
    <ScrollPage>
      <PageHead title="Tokens" sub={answer.data ? plural(answer.data.total, "token") : undefined}>
        <Button look="primary" reason={mayCreate} icon={<Plus size={15} aria-hidden />} onClick={() => change({ new: "1" })}>
          New service token
        </Button>
      </PageHead>
      <div className="mt-3.5 mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          value={search.q ?? ""}
          onChange={(q) => change({ q: q || undefined })}
          label="Search tokens"
          placeholder="Name, owner, prefix, scope"
          className="w-56 shrink-0 max-md:w-full"
        />
        <Facet
          label="State"
          single
          options={STATES}
          chosen={search.state ? [search.state] : []}
          onChange={([state]) => change({ state })}
        />
        <Facet label="Kind" single options={KINDS} chosen={search.kind ? [search.kind] : []} onChange={([kind]) => change({ kind })} />
      </div>
      <Card>
        {answer.isPending && <SkeletonRows rows={5} className="h-16" />}
        {answer.isError && all.length === 0 && (
          <Failed error={answer.error} what="The tokens could not be read" onRetry={() => void answer.refetch()} />
        )}
        {answer.isSuccess && shown.length === 0 && (
          <Empty
            icon={<KeyRound size={18} aria-hidden />}
            title={all.length === 0 ? "No tokens yet" : "No token matches"}
            action={
              all.length > 0 && (
                <Button onClick={() => change({ q: undefined, state: undefined, kind: undefined })}>Clear the filters</Button>
              )
            }
          >
            {all.length === 0 && "People make their own under their account; a service token belongs to a program."}
          </Empty>
        )}
        {shown.length > 0 && <TokenList tokens={shown} owners />}
      </Card>
      {search.new && <NewToken kind="service" onClose={() => change({ new: undefined })} />}
    </ScrollPage>
  );
}
