{{- define "mission-control.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "mission-control.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "mission-control.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "mission-control.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mission-control.selector" -}}
app.kubernetes.io/name: {{ include "mission-control.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "mission-control.labels" -}}
{{ include "mission-control.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "mission-control.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mission-control.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "mission-control.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "mission-control.claim" -}}
{{- default (include "mission-control.fullname" .) .Values.persistence.existingClaim -}}
{{- end -}}

{{- /* The host in publicUrl. */ -}}
{{- define "mission-control.host" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}

{{- /* The configuration file: what the chart decides, over what the values say. */ -}}
{{- define "mission-control.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config.http "listen" (printf "%s:8443" .Values.listen) -}}
{{- $_ := set $config.http "public_url" .Values.publicUrl -}}
{{- $_ := set $config.agents "listen" (printf "%s:8444" .Values.listen) -}}
{{- $_ := set $config.agents "address" (default (printf "%s:8444" (include "mission-control.host" .)) .Values.agentAddress) -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $config.http "tls_cert" "/etc/mission-control/tls/tls.crt" -}}
{{- $_ := set $config.http "tls_key" "/etc/mission-control/tls/tls.key" -}}
{{- end -}}
{{- if .Values.secrets.jwtKey.existingSecret -}}
{{- $_ := set $config.auth "jwt_key_file" "/etc/mission-control/jwt/jwt.pem" -}}
{{- end -}}
{{- range $section, $keys := $config }}{{ if not $keys }}{{ $_ := unset $config $section }}{{ end }}{{ end -}}
{{- toToml $config | trim -}}
{{- end -}}

{{- /* What every container of ours may do: nothing but run. */ -}}
{{- define "mission-control.securityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- end -}}
