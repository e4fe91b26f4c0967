// A session: the device, from where, since when, and how it was begun.
import { Monitor, Smartphone, SquareTerminal } from "lucide-react";
import type { ReactNode } from "react";
import type { Session } from "../api/types";
import { type DeviceKind, deviceKind, deviceWords, methodWords } from "./device";
import { Row } from "./section";
import { Chip } from "./status";
import { Ago } from "./time";

const SIGN: Record<DeviceKind, ReactNode> = {
  phone: <Smartphone size={16} aria-hidden />,
  browser: <Monitor size={16} aria-hidden />,
  program: <SquareTerminal size={16} aria-hidden />,
};

export function SessionRow({ session, children }: { session: Session; children?: ReactNode }) {
  return (
    <Row
      icon={SIGN[deviceKind(session.device)]}
      title={
        <>
          <span title={session.device}>{deviceWords(session.device)}</span> {session.current && <Chip tone="ok">This one</Chip>}
        </>
      }
      sub={
        <>
          {session.address}, used <Ago at={session.last_used_at} />, begun <Ago at={session.created_at} />
          {session.method && ` by ${methodWords(session.method)}`}
        </>
      }
    >
      {children}
    </Row>
  );
}
