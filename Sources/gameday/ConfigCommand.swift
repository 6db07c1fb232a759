import ArgumentParser

/// `gameday config --default`: a gameday.yaml to begin with.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print a gameday.yaml to start from, with every key explained.")

    @Flag(name: .customLong("default"), help: "Print the default settings file.")
    var isDefault = false

    func validate() throws {
        guard isDefault else {
            throw ValidationError("Run `gameday config --default` to print a gameday.yaml to start from.")
        }
    }

    func run() { Output.document(Self.file) }

    static let file = """
        # gameday.yaml: a mesh to watch. `gameday check gameday.yaml` reports every problem, with its line.
        name: my mesh
        entrance: front                # where the world's requests enter
        poll: 1s                       # from 0.2 to 60 seconds
        proxies:                       # Envoy's admin pages
          - {service: front, admin: "http://127.0.0.1:9901"}
          - admin: http://127.0.0.1:9902      # reads the service's name from the proxy
        slos:
          - {name: orders answered, service: front, success: 99.5%}
          - {name: orders quick, service: front, latency: {p99: 300ms}}
        guards:                        # conditions that halt everything by themselves while faults are active
          - {broken: orders answered, for: 2m}
          - {stale: 10s}
          - {duration: 15m}            # so long faults may be active in all, until `gameday rearm`
          - {blast-radius: 30%}        # of the entrance's requests, as the proxies count those that are hit
        protected: [ledger]            # no fault may touch these
        longest-lease: 10m             # a fault ends by itself after that at the latest

        """
}
