// The first step: a test warning that anybody can import with two commands.
import { beijing, t } from "./common.js";

const offset = (moment) => `${beijing(moment).replace(" ", "T")}+08:00`;

/** Shell commands that import a warning valid for the next hour, marked as a test as CAP asks; a drill's key signs for its realm. */
export function example(province, now, realm) {
  const name = `TEST-${beijing(now).replace(/\D/g, "")}`;
  return `token=$(.venv/bin/ortoo token --actor DUTY.1 --role EMD.duty --division ${province}${realm === "real" ? "" : ` --realm ${realm}`})
curl -sS ${location.origin}/api/alerts/imports \\
  -H "Authorization: Bearer $token" \\
  -H "Content-Type: application/cap+xml" --data-binary @- <<'XML'
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>${name}</identifier>
  <sender>test@example.org</sender><sent>${offset(now)}</sent>
  <status>Test</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <language>${t("language")}</language><category>Met</category><event>${t("exampleEvent")}</event>
    <urgency>Expected</urgency><severity>Minor</severity><certainty>Likely</certainty>
    <expires>${offset(new Date(now.getTime() + 3600e3))}</expires>
    <headline>${t("exampleHeadline")}</headline>
    <area><areaDesc>${t("exampleArea")}</areaDesc>
      <geocode><valueName>GB/T 2260</valueName><value>${province}</value></geocode></area>
  </info>
</alert>
XML`;
}
