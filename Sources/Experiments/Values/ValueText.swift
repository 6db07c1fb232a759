/// Values as texts for people and programs outside of a run.
public enum ValueText {
    /// JSON, on one line or with an indent.
    public static func json(_ value: Value, indent: Int? = nil) -> String { JSONWriter.text(value, indent: indent) }

    /// As Python's `str()` writes it.
    public static func python(_ value: Value) -> String { PythonText.string(value) }

    /// YAML as PyYAML writes it in block style.
    public static func yaml(_ value: Value, indent: Int = 2, sortsKeys: Bool = true) -> String {
        var writer = YAMLWriter(indent: indent, sortsKeys: sortsKeys)
        return writer.document(value)
    }

    /// The value of a JSON text; nil when it is none.
    public static func value(json: String) -> Value? { try? JSONReader.value(of: json) }
}
