/// How a person sees colours. A theme must keep its states apart for each.
public enum ColorVision: CaseIterable, Hashable, Sendable {
    case usual, protan, deutan, tritan

    /// Who sees so.
    public var words: String {
        switch self {
        case .usual: "usual eyes"
        case .protan: "eyes without red (protan)"
        case .deutan: "eyes without green (deutan)"
        case .tritan: "eyes without blue (tritan)"
        }
    }

    /// The colour that someone with usual vision would have to be shown to see what this person sees.
    ///
    /// The matrices are those of Machado, Oliveira and Fernandes (2009) for full severity, on linear RGB.
    public func seen(_ color: Color) -> Color {
        let matrix: [Double]
        switch self {
        case .usual: return color
        case .protan:
            matrix = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]
        case .deutan:
            matrix = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]
        case .tritan:
            matrix = [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]
        }
        let linear = color.linear
        func row(_ start: Int) -> Double {
            matrix[start] * linear.red + matrix[start + 1] * linear.green + matrix[start + 2] * linear.blue
        }
        return Color(linear: (row(0), row(3), row(6)))
    }
}
