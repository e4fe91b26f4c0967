// Tries a role as it is written now against what people did in the past days.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client";
import type { RoleForm } from "../../api/types";
import { Dialog } from "../../ui/dialog";
import { ToolSelect } from "../../ui/field";
import { Failed, SkeletonRows } from "../../ui/states";
import { PastResult } from "./past";
import { PAST_SPANS, pastFrom } from "./past-spans";

export function PastDialog({ form, onClose }: { form: RoleForm; onClose: () => void }) {
  const [span, setSpan] = useState("7d");
  const answer = useQuery({
    queryKey: ["simulate-past", form, span],
    queryFn: () => ask(api.POST("/api/v1/admin/simulate/past", { body: { role: form, from: pastFrom(span) } })),
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog open onClose={onClose} wide title="What would have been different?" description="As the role is written here, saved or not.">
      <div className="mb-2">
        <ToolSelect label="How far back" options={PAST_SPANS} value={span} onChange={(event) => setSpan(event.target.value)} />
      </div>
      <div className="rounded-lg border border-line">
        {answer.isPending && <SkeletonRows rows={4} />}
        {answer.isError && <Failed error={answer.error} what="This could not be tried" onRetry={() => void answer.refetch()} />}
        {answer.data && <PastResult answer={answer.data} />}
      </div>
    </Dialog>
  );
}
