import MeshModel
import Testing

@testable import gameday

@Suite struct StatusTests {
    @Test func `columns stay apart however long a stream lasts`() throws {
        let rows: [JSON] = [
            ["name": "ws", "requestRate": 10, "successRatio": 1, "p50": 3600.0005, "p95": 3600.001, "p99": 3600.01],
            ["name": "pay", "requestRate": 5, "successRatio": 0.5, "p50": 0.005, "health": "ok"],
        ]
        let lines = StatusCommand.table("service", rows) { StatusCommand.text($0["name"]) }
        #expect(lines.count == 3)
        for line in lines {
            let cells = line.split(separator: " ").filter { $0 != "ms" }
            #expect(cells.count == 7, "\(line)")
        }
        #expect(Set(lines.map(\.count)).count == 1)
    }
}
