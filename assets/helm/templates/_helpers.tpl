{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* The labels of everything; `part` and, for a node, `node` come with the call. */}}
{{- define "gtestnet.labels" -}}
app.kubernetes.io/name: gtestnet
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
gtestnet.run: {{ .root.Values.run | quote }}
gtestnet.part: {{ .part }}
{{- with .node }}
gtestnet.node: {{ .name | quote }}
gtestnet.role: {{ .role | quote }}
gtestnet.index: {{ .index | quote }}
{{- end }}
{{- end }}

{{/* By which Services and workloads find their pods. */}}
{{- define "gtestnet.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
gtestnet.part: {{ .part }}
{{- with .node }}
gtestnet.node: {{ .name | quote }}
{{- end }}
{{- end }}

{{/* What is so of the node's role, as JSON; the role is $node.role of the call. */}}
{{- define "gtestnet.role" -}}
{{- $role := get .root.Values.roles .node.role -}}
{{- if not $role }}{{ fail (printf "%s: roles has no %s" .node.name .node.role) }}{{ end -}}
{{- $known := dict "image" .root.Values.image "imagePullPolicy" .root.Values.imagePullPolicy "tools" false -}}
{{- $_ := set $known "directory" "/var/lib/gtestnet" -}}
{{- merge (dict) $role $known | toJson -}}
{{- end }}

{{/* Where a pod of a node keeps things, as JSON {"volumes": [{name, path}]}: the node's directory first. */}}
{{- define "gtestnet.volumes" -}}
{{- $volumes := list (dict "name" "data" "path" .directory) -}}
{{- range $i, $path := .volumes -}}
{{-   $volumes = append $volumes (dict "name" (printf "data-%d" (add1 $i)) "path" $path) -}}
{{- end -}}
{{- dict "volumes" $volumes | toJson -}}
{{- end }}

{{/* All nodes as JSON, {"nodes": […]}: those listed, else what cfgsync makes of the topology: first all of the first role. */}}
{{- define "gtestnet.nodes" -}}
{{- $nodes := list -}}
{{- if .Values.nodes -}}
{{-   $nodes = .Values.nodes -}}
{{- else -}}
{{-   if .Values.cfgsync.plan }}{{ fail "cfgsync.plan is given: list the nodes in nodes" }}{{ end -}}
{{-   $late := default (list) .Values.topology.late -}}
{{-   $count := dict -}}
{{-   range $role := .Values.topologyRoles -}}
{{-     $many := int (default 0 (get $.Values.topology (printf "%ss" $role))) -}}
{{-     $_ := set $count $role $many -}}
{{-     range $i := until $many -}}
{{-       $name := printf "%s-%d" $role $i -}}
{{-       $nodes = append $nodes (dict "name" $name "role" $role "index" (len $nodes) "late" (has $name $late)) -}}
{{-     end -}}
{{-   end -}}
{{-   range .Values.added -}}
{{-     $i := int (get $count .role) -}}
{{-     $_ := set $count .role (add1 $i) -}}
{{-     $nodes = append $nodes (dict "name" (printf "%s-%d" .role $i) "role" .role "index" (len $nodes) "late" false) -}}
{{-   end -}}
{{- end -}}
{{- dict "nodes" $nodes | toJson -}}
{{- end }}

{{/* JSON, which is YAML too, as Helm would write a million as 1e+06. */}}
{{- define "gtestnet.plan" -}}
{{- if .Values.cfgsync.plan -}}
{{ .Values.cfgsync.plan }}
{{- else -}}
{{- $spec := dict "run" .Values.run "seed" .Values.seed "topology" .Values.topology -}}
{{- if .Values.test }}{{ $_ := set $spec "test" .Values.test }}{{ end -}}
{{- if .Values.added }}{{ $_ := set $spec "added" .Values.added }}{{ end -}}
{{ toPrettyJson $spec }}
{{- end -}}
{{- end }}

{{/* As JSON: mode, "claim" or "emptyDir", and user, whom the pods run as. The class's provisioner matters, as that of
     Kubernetes itself makes directories in which only root may write, whatever fsGroup says. */}}
{{- define "gtestnet.storage" -}}
{{- $mode := .Values.persistence.mode -}}
{{- $class := .Values.persistence.storageClass -}}
{{- $provisioner := "" -}}
{{- if or (eq $mode "auto") (and (eq $mode "claim") (eq (toString .Values.user) "auto")) -}}
{{-   range (lookup "storage.k8s.io/v1" "StorageClass" "" "").items -}}
{{-     $annotations := default dict .metadata.annotations -}}
{{-     $is_default := eq "true" (default "" (get $annotations "storageclass.kubernetes.io/is-default-class")) -}}
{{-     if or (and $class (eq .metadata.name $class)) (and (not $class) $is_default) -}}
{{-       $provisioner = .provisioner -}}
{{-     end -}}
{{-   end -}}
{{- end -}}
{{- if eq $mode "auto" }}{{ $mode = ternary "claim" "emptyDir" (ne "" (print $class $provisioner)) }}{{ end -}}
{{- $user := .Values.user -}}
{{- if eq (toString $user) "auto" -}}
{{-   $user = ternary 0 65532 (and (eq $mode "claim") (eq $provisioner "kubernetes.io/host-path")) -}}
{{- end -}}
{{- dict "mode" $mode "user" $user | toJson -}}
{{- end }}

{{/* The token stays the same when the release is upgraded. */}}
{{- define "gtestnet.token" -}}
{{- $there := lookup "v1" "Secret" .Release.Namespace "pod-agent" -}}
{{- if .Values.agent.token -}}
{{ .Values.agent.token | b64enc }}
{{- else if $there -}}
{{ get $there.data "token" }}
{{- else -}}
{{ randAlphaNum 32 | b64enc }}
{{- end -}}
{{- end }}

{{/* Of every pod; `user`, "1000" or "1000:1000", comes with the call. */}}
{{- define "gtestnet.pod" -}}
{{- $who := splitList ":" (ternary (printf "%d" (int .user)) (toString .user) (not (kindIs "string" .user))) }}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: {{ ne (int (first $who)) 0 }}
  runAsUser: {{ int (first $who) }}
  runAsGroup: {{ int (last $who) }}
  fsGroup: {{ int (last $who) }}
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{/* Of every container. */}}
{{- define "gtestnet.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}
