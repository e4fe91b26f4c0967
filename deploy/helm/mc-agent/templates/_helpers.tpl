{{- define "mc-agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "mc-agent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "mc-agent.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "mc-agent.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mc-agent.selector" -}}
app.kubernetes.io/name: {{ include "mc-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "mc-agent.labels" -}}
{{ include "mc-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "mc-agent.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mc-agent.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "mc-agent.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "mc-agent.claim" -}}
{{- default (include "mc-agent.fullname" .) .Values.persistence.existingClaim -}}
{{- end -}}

{{- /* The configuration file. Texts are quoted as TOML does: the schema lets none in that would differ. */ -}}
{{- define "mc-agent.config" -}}
name = {{ default .Values.cluster .Values.name | quote }}

[kubernetes]
cluster = {{ .Values.cluster | quote }}

[allow]
actions = {{ .Values.allow.actions | toJson }}
kubernetes = {{ .Values.allow.kubernetes | toJson }}

[spool]
max_mb = {{ int .Values.spool.maxMb }}
{{- end -}}

{{- /* Of things that are in no namespace: two releases of one name may be in two of them. */ -}}
{{- define "mc-agent.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "mc-agent.fullname" .) -}}
{{- end -}}

{{- /* What every container of ours may do: nothing but run. */ -}}
{{- define "mc-agent.securityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- end -}}
