// Settings that admins change while the server runs: accounts, and single sign-on.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PageHead, ScrollPage, useTitle } from "../ui/page";
import { SkeletonRows } from "../ui/states";
import { TabPanel, Tabs } from "../ui/tabs";

const TABS = [
  ["accounts", "Accounts"],
  ["sso", "Single sign-on"],
] as const;

const Accounts = lazy(() => import("../features/settings/settings-form").then((module) => ({ default: module.SettingsForm })));
const Providers = lazy(() => import("../features/providers/providers-tab").then((module) => ({ default: module.ProvidersTab })));

export function SettingsPage() {
  useTitle("Settings");
  const { tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = TABS.find(([key]) => key === tab)?.[0] ?? "accounts";
  return (
    <ScrollPage slim>
      <PageHead title="Settings" />
      <Tabs
        className="mt-3"
        label="Parts of the settings"
        tabs={TABS}
        value={value}
        onChange={(next) => void navigate({ to: ".", search: next === "accounts" ? {} : { tab: next } })}
      >
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <TabPanel value="accounts" className="pt-4">
            <Accounts />
          </TabPanel>
          <TabPanel value="sso" className="pt-4">
            <Providers />
          </TabPanel>
        </Suspense>
      </Tabs>
    </ScrollPage>
  );
}
