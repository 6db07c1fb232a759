/// A Chaos Toolkit document that breaks an edge through the control plane's API, as the manual shows it.
public struct ApiExperiment {
    /// What the only probe of the hypothesis asks, after the API's address.
    public var probe = "/v1/edges/bar/taps"
    public var tolerance = "200"
    /// A shell command that is the last step; nil for none.
    public var lastStep: String?
    public var edge = (from: "bar", to: "taps")

    public init() {}

    public var text: String {
        let headers = #"{Authorization: "Bearer ${token}", Content-Type: application/json}"#
        var text = """
            title: The taps are broken
            description: Half of the beers fail.
            configuration:
              api: {type: env, key: GAMEDAY_API}
            secrets:
              gameday:
                token: {type: env, key: GAMEDAY_TOKEN}
            steady-state-hypothesis:
              title: customers are served
              probes:
                - name: customers are served
                  type: probe
                  tolerance: \(tolerance)
                  provider: {type: http, url: "${api}\(probe)", headers: \(headers), secrets: [gameday]}
            method:
              - name: half of the beers fail
                type: action
                provider:
                  type: http
                  method: POST
                  url: "${api}/v1/faults"
                  headers: \(headers)
                  secrets: [gameday]
                  arguments: {kind: {abort: 503}, from: \(edge.from), to: \(edge.to), share: 0.5, lease: 60}

            """
        if let lastStep {
            text += """
                  - name: the last step
                    type: action
                    provider: {type: process, path: /bin/sh, arguments: [-c, "\(lastStep)"]}

                """
        }
        return text + """
            rollbacks:
              - name: mend the taps
                type: action
                provider:
                  type: http
                  method: DELETE
                  url: "${api}/v1/faults?from=\(edge.from)&to=\(edge.to)"
                  headers: \(headers)
                  secrets: [gameday]

            """
    }
}
