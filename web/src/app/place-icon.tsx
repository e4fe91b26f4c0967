// A sign for each place.
import { Boxes, Gauge, History, KeyRound, MailPlus, ScrollText, Server, Settings, ShieldCheck, UserCheck, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Place } from "./nav";

export const PLACE_ICON: Record<Place["to"], ReactNode> = {
  "/": <Gauge size={16} aria-hidden />,
  "/agents": <Server size={16} aria-hidden />,
  "/clusters": <Boxes size={16} aria-hidden />,
  "/approvals": <UserCheck size={16} aria-hidden />,
  "/logs": <ScrollText size={16} aria-hidden />,
  "/users": <Users size={16} aria-hidden />,
  "/invites": <MailPlus size={16} aria-hidden />,
  "/roles": <ShieldCheck size={16} aria-hidden />,
  "/tokens": <KeyRound size={16} aria-hidden />,
  "/audit": <History size={16} aria-hidden />,
  "/settings": <Settings size={16} aria-hidden />,
};
