// The server's own log, in the shared log view.
import { useWhyNot } from "../../api/me";
import { LogView } from "../../ui/log/log-view";
import { NotAllowed } from "../../ui/not-allowed";
import { FillPage, PageHead, useTitle } from "../../ui/page";

export function LogsPage() {
  useTitle("Logs");
  const denied = useWhyNot("server_logs");
  return (
    <FillPage>
      <div className="mb-3">
        <PageHead title="Logs" sub="of Mission Control itself; an agent's log is on its own page" />
      </div>
      {denied ? <NotAllowed reason={denied} /> : <LogView base="/api/v1/logs" name="the server" />}
    </FillPage>
  );
}
