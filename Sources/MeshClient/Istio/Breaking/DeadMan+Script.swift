extension DeadMan {
    /// What the Job runs. It waits until the Lease has stood still by its own clock, and then does what an undo does.
    var script: String {
        """
        set -uo pipefail
        kubectl() { command kubectl --namespace '\(namespace)' --request-timeout=5s "$@"; }
        faulted() {
          kubectl get virtualservices.networking.istio.io -o json |
            jq -r '.items[] | select(.metadata.annotations["gameday.dev/faults"]) | .metadata.name'
        }
        \(Self.giveBack)
        \(Self.revert)
        \(endsWorkloads ? Self.scaleBack : "standing() { :; }")
        last='' seen=$SECONDS
        while [ $((SECONDS - seen)) -lt \(wait) ]; do
          sleep 1
          # A server that does not answer says nothing about the Lease.
          now=$(kubectl get lease \(NamespaceLeases.name) --ignore-not-found -o 'jsonpath={.spec.renewTime}') || {
            seen=$SECONDS
            continue
          }
          if [ "$now" != "$last" ]; then last=$now seen=$SECONDS; fi
        done
        echo "the Lease was not renewed for \(wait) s"
        while true; do
          # A server that does not answer says nothing about the faults either.
          if names=$(faulted) && left=$(standing); then
            [ -n "$names$left" ] || break
            for name in $names; do revert "$name" && echo "ended the faults in $name"; done
            for name in $left; do
              case $name in
              networkpolicies*) kubectl delete "${name%/*}" "${name#*/}" ;;
              *) scale_back "${name%/*}" "${name#*/}" ;;
              esac && echo "ended the fault in $name"
            done
          fi
          sleep 1
        done
        """
    }

    /// The second patch, by a filter that has the object as it was found and as it is. Others write a status all the time
    /// while pods come and go, so that it may take several tries.
    private static let giveBack = #"""
        give_back() {
          for try in 1 2 3 4 5; do
            patch=$(printf '%s\n%s' "$object" "$after" | jq -cs "$3")
            [ -n "$patch" ] || break
            kubectl patch "$1" "$2" --type=json --field-manager=gameday -p "$patch" >/dev/null && break
            after=$(kubectl get "$1" "$2" -o json --show-managed-fields) || break
          done
          return 0
        }
        """#

    private static let scaleBack = #"""
        marked() {
          kubectl get "$1" -l "gameday.dev/fault=$2" -o json |
            jq -r --arg kind "$1" '.items[] | $kind + "/" + .metadata.name'
        }
        standing() {
          marked deployments.apps scale && marked statefulsets.apps scale &&
            marked networkpolicies.networking.k8s.io partition
        }
        scale_back() {
          object=$(kubectl get "$1" "$2" -o json --show-managed-fields) || return 1
          patch=$(printf %s "$object" | jq -c '
            .metadata.annotations as $marks
            | [{op: "replace", path: "/metadata/resourceVersion", value: .metadata.resourceVersion}]
              + [$marks | keys[] | select(startswith("gameday.dev/"))
                  | {op: "remove", path: "/metadata/annotations/\(gsub("/"; "~1"))"}]
              + [{op: "remove", path: "/metadata/labels/gameday.dev~1fault"}]
              + if .spec.replicas == ($marks["gameday.dev/scaled-to"] | tonumber)
                then [{op: "replace", path: "/spec/replicas",
                  value: ($marks["gameday.dev/original-replicas"] | tonumber)}] else [] end') || return 1
          after=$(kubectl patch "$1" "$2" --type=json --field-manager=gameday \
            -p "$patch" -o json --show-managed-fields) || return 1
          # Who owned the replicas owns them again.
          give_back "$1" "$2" '
            def whose: [.manager, .operation, .subresource];
            .[1].metadata.resourceVersion as $version
            | (.[0].metadata.annotations["gameday.dev/original-managed-fields"] | fromjson
              | map(select(.fieldsV1["f:spec"]["f:replicas"]?))) as $owners
            | if any(.[1].metadata.managedFields[]?; .manager == "gameday") then
              [.[1].metadata.managedFields[] | select(.manager != "gameday")
                | select(whose as $me | any($owners[]; whose == $me) | not)] + $owners
            | [{op: "replace", path: "/metadata/resourceVersion", value: $version},
               {op: "replace", path: "/metadata/managedFields", value: .}] else empty end'
        }
        """#

    private static let revert = #"""
        revert() {
          object=$(kubectl get virtualservices.networking.istio.io "$1" -o json --show-managed-fields) || return 1
          if printf %s "$object" | jq -e '.metadata.annotations["gameday.dev/created"] == "true"
              and all(.metadata.managedFields[]?; .manager == "gameday")' >/dev/null; then
            kubectl delete virtualservices.networking.istio.io "$1"
            return
          fi
          patch=$(printf %s "$object" | jq -c '
            .metadata.annotations as $marks
            | ($marks["gameday.dev/added-http"] | fromjson) as $added
            | ($marks["gameday.dev/faults"] | fromjson | map(select((.caller or .header) | not))) as $faults
            | def block: {percentage: {value: ((.share * 1000000 | round) / 10000)}}
                + if .abort then {httpStatus: .abort} else {fixedDelay: "\(.delay / 1000)s"} end;
            def word: if .abort then "abort" else "delay" end;
            [.spec.http[] | select(. as $route | any($added[]; . == $route) | not)
              | reduce $faults[] as $fault (.;
                  if .fault[$fault | word]? == ($fault | block) then del(.fault[$fault | word]) else . end)
              | if .fault == {} then del(.fault) else . end] as $http
            | [{op: "replace", path: "/metadata/resourceVersion", value: .metadata.resourceVersion}]
              + [$marks | keys[] | select(startswith("gameday.dev/"))
                  | {op: "remove", path: "/metadata/annotations/\(gsub("/"; "~1"))"}]
              + [{op: "replace", path: "/spec/http", value: $http}]') || return 1
          after=$(kubectl patch virtualservices.networking.istio.io "$1" --type=json --field-manager=gameday \
            -p "$patch" -o json --show-managed-fields) || return 1
          # Who owned the routes owns them again, unless somebody else has written meanwhile.
          give_back virtualservices.networking.istio.io "$1" '
            def rest: map(select(.manager != "gameday") | del(.time, .fieldsV1["f:spec"]["f:http"])) | sort;
            (.[0].metadata.annotations["gameday.dev/original-managed-fields"] | fromjson) as $saved
            | if (.[0].metadata.annotations["gameday.dev/original-http"] | fromjson) == .[1].spec.http
                and ((.[1].metadata.managedFields // [] | rest) - ($saved | rest)) == [] then
              [{op: "replace", path: "/metadata/resourceVersion", value: .[1].metadata.resourceVersion},
               {op: "replace", path: "/metadata/managedFields", value: $saved}] else empty end'
        }
        """#
}
