/// An experiment as it was written, with the place of each value in its text.
public struct ExperimentDocument: Sendable {
    /// The file or address it came from.
    public let source: String
    public let value: Value
    public let map: SourceMap

    public enum Format: Sendable {
        case json, yaml
    }

    /// Reads a text. Throws when it is not of its format at all.
    public init(source: String, text: String, format: Format) throws(DocumentError) {
        self.source = source
        switch format {
        case .json:
            var reader = JSONReader(Array(text.utf8), notingPositions: true)
            do { value = try reader.document() } catch {
                throw DocumentError(
                    .unreadable, source,
                    "\(error.message): line \(error.position.line) column \(error.position.column)",
                    at: error.position, remedy: "Correct the JSON there, or save the file with the ending .yaml.")
            }
            map = reader.map ?? SourceMap()
        case .yaml:
            var reader = YAMLReader()
            do { value = try reader.document(text) } catch {
                throw DocumentError(
                    .unreadable, source, "Failed parsing YAML experiment: \(error.message)", at: error.position,
                    remedy: "Correct the YAML there; often it is a tab, a missing quote or the depth of a line.")
            }
            map = reader.map
        }
    }

    public init(source: String, value: Value) {
        self.source = source
        self.value = value
        map = SourceMap()
    }

    public var title: String { value["title"].map(PythonText.string) ?? "" }
}
