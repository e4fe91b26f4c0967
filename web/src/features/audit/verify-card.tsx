// The proof that the trail is whole: asked for by a press, answered in words, and where it is broken, shown where.
import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Verification } from "../../api/types";
import { Button } from "../../ui/button";
import { Facts } from "../../ui/facts";
import { count, took } from "../../ui/format";
import { FailureNotice } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { exact } from "../../ui/time";

const KIND: Record<string, string> = {
  changed: "An entry was changed",
  missing: "An entry is missing",
  inserted: "An entry was slipped in",
  reordered: "Entries were put in another order",
  truncated: "The end was cut off",
  checkpoint: "A checkpoint does not fit",
};

export function VerifyCard() {
  const denied = useWhyNot("audit_verify");
  const answer = useQuery({
    queryKey: ["audit-verify"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/admin/audit/verify", { signal })),
    // Reading the whole trail is work: only on a press.
    enabled: false,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Section
      title="Verify"
      about="Each entry is chained to the one before it, and the chain is signed every minute. This reads all of it again."
      action={
        <Button
          look="primary"
          reason={denied}
          busy={answer.isFetching}
          icon={<ShieldCheck size={15} aria-hidden />}
          onClick={() => void answer.refetch()}
        >
          {answer.isFetching ? "Verifying…" : answer.data ? "Verify again" : "Verify the trail"}
        </Button>
      }
    >
      {answer.isError && !answer.isFetching && (
        <div className="p-4">
          <FailureNotice error={answer.error} denial={{ action: "audit_verify" }} />
        </div>
      )}
      {answer.data && <Result found={answer.data} />}
    </Section>
  );
}

function Result({ found }: { found: Verification }) {
  const bad = found.first_bad;
  return (
    <div className="p-4" role={found.ok ? "status" : "alert"}>
      <div className={`flex items-start gap-3 rounded-lg p-3.5 ${found.ok ? "bg-ok-soft text-ok" : "bg-bad-soft text-bad"}`}>
        {found.ok ? <ShieldCheck size={20} aria-hidden className="shrink-0" /> : <ShieldAlert size={20} aria-hidden className="shrink-0" />}
        <div>
          <div className="font-semibold">{found.ok ? "The trail is whole" : (KIND[bad?.kind ?? ""] ?? "The trail is broken")}</div>
          <p className="first-letter:uppercase">{found.text}</p>
        </div>
      </div>
      <Facts
        className="mt-4"
        list={[
          ["Entries", count(found.entries)],
          ["From, to", `${count(found.first_sequence)} to ${count(found.last_sequence)}`],
          ["Checkpoints", count(found.checkpoints)],
          ["Segments", count(found.segments)],
          ["Took", took(found.took_ms)],
          ["First bad", bad && `${count(bad.sequence)}${bad.at ? `, ${exact(bad.at)}` : ""}: ${bad.text}`],
          ["Its id", bad?.id && <code className="select-all font-mono text-xs">{bad.id}</code>],
        ]}
      />
    </div>
  );
}
