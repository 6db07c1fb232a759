/// A Chaos Toolkit experiment that comes with the bar, as a file for `gameday run` and for `chaos run`.
public struct BarExperiment: Equatable, Sendable {
    /// The name of its file.
    public var file: String
    public var text: String
    /// Whether it orders at the door itself, where a model has nobody to take the order.
    public var needsDoor: Bool

    init(_ file: String, _ bytes: [UInt8], needsDoor: Bool = false) {
        self.file = file
        text = String(decoding: bytes, as: UTF8.self)
        self.needsDoor = needsDoor
    }

    /// In the order in which they are worth showing, which their numbers tell; the files in the sources have none.
    public static let all: [BarExperiment] = [
        BarExperiment("1-a-tester-walks-in.yaml", PackageResources.a_tester_walks_in_yaml, needsDoor: true),
        BarExperiment("2-one-tap-is-slow.yaml", PackageResources.one_tap_is_slow_yaml),
        BarExperiment("3-the-menu-is-gone.yaml", PackageResources.the_menu_is_gone_yaml),
        BarExperiment("4-the-kitchen-is-closed.yaml", PackageResources.the_kitchen_is_closed_yaml),
        BarExperiment("5-the-cellar-stairs-are-narrow.yaml", PackageResources.the_cellar_stairs_are_narrow_yaml),
        BarExperiment("6-the-till-jams.yaml", PackageResources.the_till_jams_yaml),
        BarExperiment("7-friday-night.yaml", PackageResources.friday_night_yaml),
        BarExperiment("8-where-is-the-bathroom.yaml", PackageResources.where_is_the_bathroom_yaml),
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
