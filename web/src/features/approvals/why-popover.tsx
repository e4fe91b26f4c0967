// Why not? The gate's own answer for the caller, at the place where it was asked, with the offer to request access.
import { Popover } from "@base-ui/react/popover";
import { useQuery } from "@tanstack/react-query";
import { Hand } from "lucide-react";
import { useMemo } from "react";
import { api, ask } from "../../api/client";
import { accessAsk, type Denial, useMe, useWhyNot, whyClose } from "../../api/me";
import { errorText } from "../../api/problem";
import { accessRequestsQuery } from "../../api/queries";
import type { Decision } from "../../api/types";
import { Button } from "../../ui/button";
import { Skeleton } from "../../ui/states";
import { Mark } from "../../ui/status";

export function WhyPopover({ denial, rect }: { denial: Denial; rect: DOMRect }) {
  const anchor = useMemo(() => ({ getBoundingClientRect: () => rect }), [rect]);
  const { action, on } = denial;
  const answer = useQuery({
    queryKey: ["why", action, on?.kind, on?.id],
    queryFn: () =>
      ask(api.GET("/api/v1/why", { params: { query: { action, ...(on ? { resource_kind: on.kind, resource: on.id } : {}) } } })),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Popover.Root open onOpenChange={(open) => !open && whyClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={6} className="z-60">
          <Popover.Popup className="pop w-[340px] max-w-[92vw] rounded-xl border border-line bg-panel p-4 shadow-pop outline-none">
            <Popover.Title className="font-semibold text-base">Why not?</Popover.Title>
            <Popover.Description className="mt-1 text-ink2 first-letter:uppercase">{answer.data?.text ?? denial.text}</Popover.Description>
            {answer.isPending && (
              <div className="mt-3 flex flex-col gap-2">
                <Skeleton className="h-3.5 w-9/12" />
                <Skeleton className="h-3.5 w-7/12" />
              </div>
            )}
            {answer.isError && <p className="mt-2 text-ink3 text-xs">{errorText(answer.error)}</p>}
            {answer.data && <Says decision={answer.data} />}
            <Offer denial={denial} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What each role says of it. */
function Says({ decision }: { decision: Decision }) {
  return (
    <ul aria-label="What your roles say" className="mt-3 flex flex-col gap-1.5">
      {decision.roles.map((each) => {
        const tone = each.effect === "allow" ? "ok" : each.effect === "deny" ? "bad" : "idle";
        return (
          <li key={each.role} className="flex gap-2 text-xs">
            <span className={`mt-[3px] ${tone === "ok" ? "text-ok" : tone === "bad" ? "text-bad" : "text-ink3"}`}>
              <Mark tone={tone} size={10} />
            </span>
            <span>
              <b className="font-semibold">{each.role}</b>{" "}
              <span className="text-ink2">
                {each.effect === "allow" ? "allows it" : each.effect === "deny" ? "denies it" : "says nothing of it"}
                {each.because && `: ${each.because}`}
              </span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Offer({ denial }: { denial: Denial }) {
  const me = useMe();
  const denied = useWhyNot("access_request_create");
  const mine = useQuery({ ...accessRequestsQuery, enabled: !denied }).data?.items;
  const waiting = mine?.some((each) => each.state === "pending" && each.requester.id === me?.id && each.action === denial.action);
  if (denied) return <p className="mt-3 text-ink3 text-xs">An admin can change what you may do.</p>;
  return (
    <div className="mt-4 flex items-center gap-2">
      <Button
        look="primary"
        size="sm"
        icon={<Hand size={14} aria-hidden />}
        onClick={() => {
          whyClose();
          accessAsk({ action: denial.action, on: denial.on });
        }}
      >
        Request access
      </Button>
      <Button size="sm" look="ghost" onClick={whyClose}>
        Close
      </Button>
      {waiting && <span className="text-warn text-xs">You have asked already.</span>}
    </div>
  );
}
