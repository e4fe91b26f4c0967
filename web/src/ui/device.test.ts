import { describe, expect, it } from "vitest";
import { deviceKind, deviceWords, methodWords } from "./device";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const EDGE =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

describe("devices", () => {
  it("are named by program and machine", () => {
    expect([FIREFOX, EDGE, SAFARI].map(deviceWords)).toEqual(["Firefox on Linux", "Edge on Windows", "Safari on iPhone"]);
    expect([deviceWords("mc/0.1.0"), deviceWords("curl/8.5.0"), deviceWords("")]).toEqual(["mc 0.1.0", "curl 8.5.0", "Unknown device"]);
  });
  it("are told apart", () => {
    expect([FIREFOX, SAFARI, "mc/0.1.0"].map(deviceKind)).toEqual(["browser", "phone", "program"]);
  });
});

describe("ways to log in", () => {
  it("are said without their prefix", () => {
    expect(["password", "oidc:corp", "invite"].map(methodWords)).toEqual(["password", "corp", "an invite"]);
  });
});
