// The server's own log, in the shared log view.
import { useWhyNot } from "../../api/me";
import { LogView } from "../../ui/log/log-view";
import { FillPage, PageHead, useTitle } from "../../ui/page";
import { Empty } from "../../ui/states";

export function LogsPage() {
  useTitle("Logs");
  const denied = useWhyNot("server_logs");
  return (
    <FillPage>
      <div className="mb-3">
        <PageHead title="Logs" sub="of Mission Control itself; an agent's log is on its own page" />
      </div>
      {denied ? <Empty title="Not for your role">{denied}</Empty> : <LogView base="/api/v1/logs" name="the server" />}
    </FillPage>
  );
}
