/// A Chaos Toolkit experiment that comes with the bar, as a file for `gameday run` and for `chaos run`.
public struct BarExperiment: Equatable, Sendable {
    /// The name of its file.
    public var file: String
    public var text: String
    /// Whether it needs the real bar: a model has nobody to take an order at the door, and nothing that could be killed.
    public var needsDoor: Bool

    init(_ file: String, _ bytes: [UInt8], needsDoor: Bool = false) {
        self.file = file
        text = String(decoding: bytes, as: UTF8.self)
        self.needsDoor = needsDoor
    }

    /// Everything that comes with the bar, in the order in which it is worth showing.
    public static let all = bar + fallacies + mesh

    /// Those of the bar's own tour. Their numbers tell the order; the files in the sources have none.
    static let bar: [BarExperiment] = [
        BarExperiment("1-a-tester-walks-in.yaml", PackageResources.a_tester_walks_in_yaml, needsDoor: true),
        BarExperiment("2-one-tap-is-slow.yaml", PackageResources.one_tap_is_slow_yaml),
        BarExperiment("3-the-menu-is-gone.yaml", PackageResources.the_menu_is_gone_yaml),
        BarExperiment("4-the-kitchen-is-closed.yaml", PackageResources.the_kitchen_is_closed_yaml),
        BarExperiment("5-the-cellar-stairs-are-narrow.yaml", PackageResources.the_cellar_stairs_are_narrow_yaml),
        BarExperiment("6-the-till-jams.yaml", PackageResources.the_till_jams_yaml),
        BarExperiment("7-friday-night.yaml", PackageResources.friday_night_yaml),
        BarExperiment("8-where-is-the-bathroom.yaml", PackageResources.where_is_the_bathroom_yaml),
    ]

    /// The eight fallacies of distributed computing, one each. A model has no instances and nobody who keeps them.
    static let fallacies: [BarExperiment] = [
        BarExperiment(
            "f1-the-network-is-reliable.yaml", PackageResources.the_network_is_reliable_yaml, needsDoor: true),
        BarExperiment("f2-latency-is-zero.yaml", PackageResources.latency_is_zero_yaml, needsDoor: true),
        BarExperiment("f3-bandwidth-is-infinite.yaml", PackageResources.bandwidth_is_infinite_yaml),
        BarExperiment("f4-the-network-is-secure.yaml", PackageResources.the_network_is_secure_yaml, needsDoor: true),
        BarExperiment(
            "f5-topology-does-not-change.yaml", PackageResources.topology_does_not_change_yaml, needsDoor: true),
        BarExperiment(
            "f6-there-is-one-administrator.yaml", PackageResources.there_is_one_administrator_yaml, needsDoor: true),
        BarExperiment("f7-transport-cost-is-zero.yaml", PackageResources.transport_cost_is_zero_yaml, needsDoor: true),
        BarExperiment(
            "f8-the-network-is-homogeneous.yaml", PackageResources.the_network_is_homogeneous_yaml, needsDoor: true),
    ]

    /// What only a mesh does.
    static let mesh: [BarExperiment] = [
        BarExperiment("m1-the-breaker-opens.yaml", PackageResources.the_breaker_opens_yaml, needsDoor: true),
        BarExperiment(
            "m2-the-canary-is-rolled-back.yaml", PackageResources.the_canary_is_rolled_back_yaml, needsDoor: true),
        BarExperiment("m3-the-control-plane-dies.yaml", PackageResources.the_control_plane_dies_yaml, needsDoor: true),
    ]

    /// Where customers come in when nobody else takes the ports of the bar.
    private static let usualDoor = "http://127.0.0.1:21201"

    /// The folders of experiments of the demos that are running.
    public static func folders(environment: [String: String]) -> [String] {
        RuntimeDirectory.living(environment: environment).map { $0 + "/experiments" }
    }

    /// The files for a demo whose door is at this port; without one, those that need none.
    static func files(door: Int?) -> [(name: String, bytes: [UInt8])] {
        all.filter { door != nil || !$0.needsDoor }.map { experiment in
            var text = experiment.text
            if let door, let place = text.firstRange(of: usualDoor) {
                text.replaceSubrange(place, with: "http://127.0.0.1:\(door)")
            }
            return (experiment.file, Array(text.utf8))
        }
    }
}
