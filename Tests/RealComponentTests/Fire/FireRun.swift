/// The experiment of the matrix: a hypothesis, a fault, a program, and rollbacks, each slow enough to be struck.
enum FireRun {
    static let document = """
        title: The taps are broken
        description: what happens to the callers
        steady-state-hypothesis:
          title: callers are served
          probes:
            - name: something is looked at
              type: probe
              tolerance: 0
              provider: {type: process, path: /bin/sh, arguments: [-c, "\(hypothesis)"]}
        method:
          - name: half of the beers fail
            type: action
            provider:
              type: process
              path: gameday
              arguments: [fault, start, --from, bar, --to, taps, --abort, "503", --percent, "50", --lease, 20s, --wait]
          - name: time passes
            type: action
            provider: {type: process, path: /bin/sh, arguments: [-c, "\(method)"]}
        rollbacks:
          - name: tidying up
            type: action
            provider: {type: process, path: /bin/sh, arguments: [-c, "\(rollbacks)"]}

        """

    static let hypothesis = "sleep 1.201"
    static let method = "sleep 2.202"
    static let rollbacks = "sleep 1.203"
}
