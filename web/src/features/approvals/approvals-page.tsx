// Access for a while: what waits for my decision, what I asked for, and what was decided. Live.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Hand } from "lucide-react";
import { accessAsk, useMay, useMe, useWhyNot } from "../../api/me";
import { accessRequestsQuery } from "../../api/queries";
import type { AccessRequest } from "../../api/types";
import { Button } from "../../ui/button";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Empty } from "../../ui/states";
import { TabPanel, Tabs } from "../../ui/tabs";
import { RequestRow } from "./request-row";

export function ApprovalsPage() {
  useTitle("Approvals");
  const denied = useWhyNot("access_request_list");
  return denied ? <NotAllowed reason={denied} /> : <Approvals />;
}

type Tab = "decide" | "mine" | "all";

function Approvals() {
  const me = useMe();
  const { tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const mayCreate = useWhyNot("access_request_create");
  const answer = useQuery(accessRequestsQuery);
  const items = answer.data?.items ?? [];
  // Whoever may decide anything, or ever could, sees more than their own.
  const approver = useMay("access_request_approve") || items.some((each) => each.may_decide);
  const lists: Record<Tab, AccessRequest[]> = {
    decide: items.filter((each) => each.state === "pending" && each.may_decide),
    mine: items.filter((each) => each.requester.id === me?.id),
    all: items,
  };
  const tabs: [Tab, string][] = approver
    ? [
        ["decide", `To decide${lists.decide.length > 0 ? ` (${lists.decide.length})` : ""}`],
        ["mine", "Mine"],
        ["all", "All"],
      ]
    : [["mine", "Mine"]];
  const value = tabs.find(([key]) => key === tab)?.[0] ?? tabs[0]?.[0] ?? "mine";
  const ask = (
    <Button look="primary" reason={mayCreate} icon={<Hand size={15} aria-hidden />} onClick={() => accessAsk({})}>
      Request access
    </Button>
  );
  const nothing: Record<Tab, React.ReactNode> = {
    decide: <Empty title="Nothing waits for you">When somebody asks for access, it appears here at once.</Empty>,
    mine: (
      <Empty icon={<Hand size={18} aria-hidden />} title="You have asked for nothing" action={ask}>
        When you may not do something that you must do, ask for it for a while. On the command line:{" "}
        <code className="font-mono text-xs">mc approvals request</code>
      </Empty>
    ),
    all: <Empty title="No requests yet">Whoever needs more than their role for a while asks here.</Empty>,
  };
  return (
    <ScrollPage slim>
      <PageHead title="Approvals" sub="more than one's role, for a while">
        {ask}
      </PageHead>
      <Tabs
        className="mt-3"
        label="Access requests"
        tabs={tabs}
        value={value}
        onChange={(next) => void navigate({ to: ".", search: next === tabs[0]?.[0] ? {} : { tab: next } })}
      >
        {tabs.map(([key]) => (
          <TabPanel key={key} value={key} className="pt-4">
            <Card>
              <Listing answer={answer} what="The requests" empty={() => (lists[key].length === 0 ? nothing[key] : null)}>
                {() => (
                  <ul aria-label="Access requests">
                    {lists[key].map((request) => (
                      <RequestRow key={request.id} request={request} />
                    ))}
                  </ul>
                )}
              </Listing>
            </Card>
          </TabPanel>
        ))}
      </Tabs>
    </ScrollPage>
  );
}
