// Invites: how new people make their own accounts. The link is shown once, when it is made.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { MailPlus } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Invite } from "../../api/types";
import type { Search } from "../../api/url";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Facet } from "../../ui/facet";
import { plural } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Row } from "../../ui/section";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Chip, type Words } from "../../ui/status";
import { Ago } from "../../ui/time";
import { NewInvite } from "./new-invite";

const STATE: Record<Invite["state"], Words> = {
  open: { tone: "ok", word: "Open" },
  used: { tone: "idle", word: "Used" },
  expired: { tone: "idle", word: "Expired" },
  revoked: { tone: "idle", word: "Revoked" },
};

export function InvitesPage() {
  useTitle("Invites");
  const denied = useWhyNot("invite_list");
  return denied ? <NotAllowed reason={denied} /> : <Invites />;
}

function Invites() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const mayCreate = useWhyNot("invite_create");
  const answer = useQuery({ queryKey: ["invites"], queryFn: () => ask(api.GET("/api/v1/admin/invites")) });
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const all = answer.data?.items ?? [];
  const shown = search.state ? all.filter((invite) => invite.state === search.state) : all;
  const open = all.filter((invite) => invite.state === "open").length;
  const create = (
    <Button look="primary" reason={mayCreate} icon={<MailPlus size={15} aria-hidden />} onClick={() => change({ new: "1" })}>
      Invite somebody
    </Button>
  );
  return (
    <ScrollPage slim>
      <PageHead title="Invites" sub={answer.data ? `${plural(open, "open invite")}` : undefined}>
        {create}
      </PageHead>
      <div className="mt-3.5 mb-3 flex gap-2">
        <Facet
          label="State"
          single
          options={Object.entries(STATE).map(([value, words]) => ({
            value,
            text: words.word,
            count: all.filter((invite) => invite.state === value).length,
          }))}
          chosen={search.state ? [search.state] : []}
          onChange={([state]) => change({ state })}
        />
      </div>
      <Card>
        {answer.isPending && <SkeletonRows rows={4} className="h-14" />}
        {answer.isError && all.length === 0 && (
          <Failed error={answer.error} what="The invites could not be read" onRetry={() => void answer.refetch()} />
        )}
        {answer.isSuccess && all.length === 0 && (
          <Empty icon={<MailPlus size={18} aria-hidden />} title="Nobody is invited yet" action={create}>
            An invite is a link that works once. Who opens it chooses a user name and a password.
          </Empty>
        )}
        {all.length > 0 && shown.length === 0 && (
          <Empty title="No such invite" action={<Button onClick={() => change({ state: undefined })}>Show all</Button>} />
        )}
        {shown.length > 0 && (
          <ul aria-label="Invites">
            {shown.map((invite) => (
              <Item key={invite.id} invite={invite} />
            ))}
          </ul>
        )}
      </Card>
      {search.new && <NewInvite onClose={() => change({ new: undefined })} />}
    </ScrollPage>
  );
}

function Fate({ invite }: { invite: Invite }) {
  if (invite.used_at) {
    return (
      <>
        used by {invite.used_by ?? "somebody"} <Ago at={invite.used_at} />
      </>
    );
  }
  if (invite.revoked_at) {
    return (
      <>
        revoked <Ago at={invite.revoked_at} />
      </>
    );
  }
  return (
    <>
      {invite.state === "expired" ? "ended " : "ends "}
      <Ago at={invite.expires_at} />
    </>
  );
}

function Item({ invite }: { invite: Invite }) {
  const queries = useQueryClient();
  const denied = useWhyNot("invite_revoke", { kind: "invite", id: invite.id, name: invite.email ?? invite.role });
  const [asking, setAsking] = useState(false);
  const { tone, word } = STATE[invite.state];
  return (
    <Row
      title={
        <>
          {invite.email || invite.note || "Anybody with the link"} <span className="font-normal text-ink2">as {invite.role}</span>
        </>
      }
      sub={
        <>
          {invite.email && invite.note && `${invite.note}, `}by {invite.created_by} <Ago at={invite.created_at} />, <Fate invite={invite} />
        </>
      }
    >
      <Chip tone={tone}>{word}</Chip>
      {invite.state === "open" && (
        <Button size="sm" reason={denied} onClick={() => setAsking(true)}>
          Revoke
        </Button>
      )}
      {asking && (
        <Confirm
          title="Revoke this invite?"
          verb="Revoke"
          denial={{ action: "invite_revoke" }}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/invites/{id}", { params: { path: { id: invite.id } } }));
            await queries.invalidateQueries({ queryKey: ["invites"] });
          }}
          onClose={() => setAsking(false)}
        >
          Its link no longer works.
        </Confirm>
      )}
    </Row>
  );
}
