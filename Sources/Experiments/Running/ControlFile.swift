/// A file of controls for every experiment.
public enum ControlFile {
    /// The controls of a YAML or JSON mapping from names to controls. Throws why it can't be read as one.
    public static func controls(in file: String, text: String) throws(VariableError) -> [Value] {
        let value: Value
        if file.hasSuffix(".json") {
            do { value = try JSONReader.value(of: text) } catch {
                throw VariableError(message: "\(file): \(error.message)")
            }
        } else {
            var reader = YAMLReader()
            do { value = try reader.document(text) } catch { throw VariableError(message: "\(file): \(error.message)") }
        }
        return (value.fields ?? Fields()).entries.map { name, control in
            var fields = control.fields ?? Fields()
            fields["name"] = .text(name)
            return .mapping(fields)
        }
    }
}
