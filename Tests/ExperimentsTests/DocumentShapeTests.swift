import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// What is no experiment is no success, even where nobody validates it.
@Suite(.timeLimit(.minutes(5))) struct DocumentShapeTests {
    @Test func `documents of every wrong shape end as in the original`() async throws {
        let cases = try #require(try Fixture.json("shapes.json")["cases"]?.list)
        #expect(cases.count > 40)
        for one in cases {
            var options = RunOptions()
            options.environment = ProcessInfo.processInfo.environment
            options.isStrict = true
            let document = one["experiment"] ?? .null
            let runner = ExperimentRunner(
                ExperimentDocument(source: "test", value: document), options: options,
                network: HTTPDoor { () throws(TransportError) in try CurlTransport() })
            let status = try? await runner.run().status.rawValue
            #expect(status == one["status"]?.text, "\(JSONWriter.text(document))")
        }
    }
}
