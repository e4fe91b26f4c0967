// Whether a provider answers as it should, and what to register there.
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { api, ask } from "../../api/client";
import type { Provider } from "../../api/types";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { Facts } from "../../ui/facts";
import { Failed, Notice, SkeletonRows } from "../../ui/states";

export function CheckDialog({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const answer = useQuery({
    queryKey: ["provider-check", provider.name],
    queryFn: () => ask(api.POST("/api/v1/admin/providers/{name}/check", { params: { path: { name: provider.name } } })),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={`Check of ${provider.label}`}
      footer={
        <>
          <Button busy={answer.isFetching} icon={<RotateCw size={14} aria-hidden />} onClick={() => void answer.refetch()}>
            Check again
          </Button>
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      {answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && <Failed error={answer.error} what="It could not be checked" />}
      {answer.data && (
        <div className="flex flex-col gap-3">
          {answer.data.problems.length === 0 ? (
            <Notice tone="ok">It answers as it should.</Notice>
          ) : (
            answer.data.problems.map((problem) => (
              <Notice key={problem} tone="bad">
                {problem}
              </Notice>
            ))
          )}
          <Facts
            list={[
              ["Issuer", answer.data.issuer ?? "did not answer"],
              ...answer.data.endpoints.map(({ name, url }) => [name.replaceAll("_", " "), url] as const),
            ]}
          />
        </div>
      )}
      <h3 className="mt-5 mb-1.5 font-semibold">To register at the provider</h3>
      <Address name="Redirect URI" url={provider.redirect_uri} />
      <Address name="Back-channel logout" url={provider.backchannel_logout_uri} />
    </Dialog>
  );
}

function Address({ name, url }: { name: string; url: string }) {
  return (
    <div className="flex items-center gap-3 py-1">
      <span className="w-36 shrink-0 text-ink3">{name}</span>
      <code className="min-w-0 flex-1 select-all break-all font-mono text-xs">{url}</code>
      <CopyButton text={url} size="sm" look="ghost" />
    </div>
  );
}
