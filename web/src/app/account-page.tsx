// One's own account: profile, appearance, security and tokens, each a tab with an address of its own.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useMe } from "../api/me";
import { PageHead, ScrollPage, useTitle } from "../ui/page";
import { SkeletonRows } from "../ui/states";
import { TabPanel, Tabs } from "../ui/tabs";

const TABS = [
  ["profile", "Profile"],
  ["appearance", "Appearance"],
  ["security", "Security"],
  ["tokens", "Tokens"],
] as const;

const Profile = lazy(() => import("../features/account/profile-tab").then((module) => ({ default: module.ProfileTab })));
const Appearance = lazy(() => import("../features/account/appearance-tab").then((module) => ({ default: module.AppearanceTab })));
const Security = lazy(() => import("../features/account/security-tab").then((module) => ({ default: module.SecurityTab })));
const Tokens = lazy(() => import("../features/tokens/own-tokens").then((module) => ({ default: module.OwnTokens })));

export function AccountPage() {
  const { tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const me = useMe();
  const value = TABS.find(([key]) => key === tab)?.[0] ?? "profile";
  useTitle(`Account, ${TABS.find(([key]) => key === value)?.[1]}`);
  return (
    <ScrollPage slim>
      <PageHead title="Your account" sub={me?.username} />
      <Tabs
        className="mt-3"
        label="Parts of the account"
        tabs={TABS}
        value={value}
        onChange={(next) => void navigate({ to: ".", search: next === "profile" ? {} : { tab: next } })}
      >
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <TabPanel value="profile" className="pt-4">
            <Profile />
          </TabPanel>
          <TabPanel value="appearance" className="pt-4">
            <Appearance />
          </TabPanel>
          <TabPanel value="security" className="pt-4">
            <Security />
          </TabPanel>
          <TabPanel value="tokens" className="pt-4">
            <Tokens />
          </TabPanel>
        </Suspense>
      </Tabs>
    </ScrollPage>
  );
}
