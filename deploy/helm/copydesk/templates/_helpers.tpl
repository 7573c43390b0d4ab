{{- define "copydesk.name" -}}
{{ ternary .Release.Name (printf "%s-copydesk" .Release.Name) (contains "copydesk" .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "copydesk.selector" -}}
app.kubernetes.io/name: copydesk
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "copydesk.labels" -}}
{{ include "copydesk.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* A value as the text of a variable: Helm reads whole numbers as floats, and would write 2147483648 as 2.147483648e+09. */}}
{{- define "copydesk.text" -}}
{{- if kindIs "string" . }}{{ . }}
{{- else if kindIs "map" . }}{{ fail (printf "a setting is a mapping: write it as JSON in quotation marks, as Helm would change its order: %s" (toJson .)) }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}
{{- else }}{{ toJson . }}{{ end }}
{{- end }}

{{/* Settings as a mapping of text. Secrets are refused: what stands in values is read by many. */}}
{{- define "copydesk.data" -}}
{{- range $name, $value := . }}
{{- if regexMatch "(PASSWORD|_KEY)$" $name }}{{ fail (printf "%s is a secret: put it into the Secret that `secret` or `init.secret` names, and take it out of settings" $name) }}{{ end }}
{{- if regexMatch "://[^/?#]*:[^/?#]*@" (toString $value) }}{{ fail (printf "%s has a password in its address: put the whole of it, or COPYDESK_…_PASSWORD, into the Secret that `secret` or `init.secret` names" $name) }}{{ end }}
{{ $name }}: {{ include "copydesk.text" $value | quote }}
{{- end }}
{{- end }}

{{/* The same as `env` of a container. */}}
{{- define "copydesk.env" -}}
env:
{{- range $name, $value := include "copydesk.data" . | fromYaml }}
  - name: {{ $name }}
    value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "copydesk.config" -}}
{{- range (ternary (list "COPYDESK_MONGO_URL") (list "COPYDESK_MONGO_URL" "COPYDESK_REDIS_URL") (not (empty .Values.worker.autoscaling.rabbitmqKey))) }}
{{- $_ := required (printf "settings.%s is missing: where is it? User and password stand in the Secret" .) (get $.Values.settings .) }}
{{- end }}
{{- include "copydesk.data" .Values.settings }}
{{- end }}

{{- define "copydesk.image" -}}
{{ .repository }}{{ with .digest }}@{{ . }}{{ else }}:{{ .tag | default $.appVersion }}{{ end }}
{{- end }}

{{/* What KEDA is to ask, and how, but for the queue's name: metadata of a trigger. Sentinels are sentinel://a:26379;sentinel://b:26379/0. */}}
{{- define "copydesk.trigger" -}}
{{- $urls := splitList ";" (default "" .Values.settings.COPYDESK_REDIS_URL) }}
{{- $last := urlParse (last $urls) }}
{{- with .Values.worker.autoscaling }}
{{- if .rabbitmqKey -}}
protocol: amqp
mode: QueueLength
value: {{ .documentsPerPod | quote }}
{{- else -}}
{{- $hosts := list }}
{{- range $urls }}
{{- $port := ternary "26379" "6379" (eq $last.scheme "sentinel") }}
{{- $host := (urlParse .).host }}
{{- $hosts = append $hosts (ternary $host (printf "%s:%s" $host $port) (contains ":" $host)) }}
{{- end }}
{{- if eq $last.scheme "sentinel" -}}
addresses: {{ join "," $hosts }}
sentinelMaster: {{ .sentinel.master }}
{{- else -}}
address: {{ first $hosts }}
{{- end }}
listLength: {{ .documentsPerPod | quote }}
databaseIndex: {{ trimPrefix "/" $last.path | default "0" | quote }}
enableTLS: {{ eq $last.scheme "rediss" | quote }}
{{- with .redisUsername }}
username: {{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What every pod has beside its containers. Takes the root, with `part`. */}}
{{- define "copydesk.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{ range . }}
  - name: {{ . }}{{ end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 2Gi}
{{- end }}

{{- define "copydesk.spread" -}}
topologySpreadConstraints:
{{- range tuple "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "copydesk.selector" $ | nindent 8 }}
        app.kubernetes.io/component: {{ $.part }}
{{- end }}
{{- end }}

{{/* What every container has. Takes the root, with `of`: whose image, where it is not that of the API. */}}
{{- define "copydesk.container" -}}
image: {{ include "copydesk.image" (merge (dict "appVersion" .Chart.AppVersion) (get .Values.image (.of | default "api"))) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{/* Settings of a part that runs on: those of all in the ConfigMap, secrets over them, its own over both. */}}
{{- define "copydesk.from" -}}
envFrom:
  - configMapRef: {name: {{ include "copydesk.name" . }}}
  - secretRef: {name: {{ .Values.secret }}}
{{- end }}

{{/* Metadata of a pod that is to start anew when its settings change. */}}
{{- define "copydesk.podmeta" -}}
labels: {{- include "copydesk.selector" . | nindent 2 }}
  app.kubernetes.io/component: {{ .part }}
  {{- range $name, $value := .Values.podLabels }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
annotations:
  checksum/config: {{ include "copydesk.config" . | sha256sum }}
  {{- range $name, $value := .Values.podAnnotations }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
{{- end }}
