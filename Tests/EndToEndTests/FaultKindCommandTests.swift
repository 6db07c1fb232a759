import MeshModel
import TestKit
import Testing

/// Every kind of the table on the command line.
@Suite(.timeLimit(.minutes(5))) struct FaultKindCommandTests {
    private static let words = FaultKindDescription.all.map(\.word)

    @Test(arguments: words)
    func `a kind is an option, in the help and in the manual`(word: String) async throws {
        let home = try GamedayHome()
        let kind = try #require(FaultKindDescription.of(word))
        let top = FaultKind(word, Dictionary(uniqueKeysWithValues: kind.fields.map { ($0.name, $0.range.upperBound) }))
        let start = ["fault", "start", "--from", "a", "--to", "b", "--percent", "5"] + kind.options(of: top)
        let said = try await home.run(start)
        // Nobody serves there; what is asked for was understood.
        #expect(said.output.contains("No control plane is running"), "\(said.output)")
        let help = try await home.run(["fault", "start", "--help"]).output
        let manual = try await home.run(["man"]).output
        for field in kind.fields { #expect(help.contains("--\(field.name)")) }
        #expect(help.contains("--\(word)"))
        #expect(manual.contains(kind.words))
    }
}
