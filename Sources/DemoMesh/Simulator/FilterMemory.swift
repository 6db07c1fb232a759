/// The pages that were asked for before: choosing names by a regular expression costs more than writing the page, and
/// reading the expression more than choosing by it.
struct FilterMemory<Page: Sendable> {
    private struct Key: Hashable {
        var service: Int
        var filter: String?
    }

    /// Filters come from outside; one that changes with each request must not fill the memory.
    private let most = 20_000
    private let make: @Sendable (SidecarStats) -> Page
    private var pages: [Key: Page] = [:]
    /// A fleet is asked by few expressions, one after the other.
    private var last: (filter: String, expression: Regex<AnyRegexOutput>)?

    init(_ make: @escaping @Sendable (SidecarStats) -> Page) {
        self.make = make
    }

    mutating func page(of service: Int, in fleet: Fleet, filter: String?) throws -> Page {
        let key = Key(service: service, filter: filter)
        if let page = pages[key] { return page }
        let stats: SidecarStats
        if let filter {
            let expression = try expression(of: filter)
            stats = SidecarStats(of: service, in: fleet) { $0.contains(expression) }
        } else {
            stats = SidecarStats(of: service, in: fleet) { _ in true }
        }
        let page = make(stats)
        if pages.count >= most { pages.removeAll() }
        pages[key] = page
        return page
    }

    private mutating func expression(of filter: String) throws -> Regex<AnyRegexOutput> {
        if let last, last.filter == filter { return last.expression }
        let expression = try Regex(filter)
        last = (filter, expression)
        return expression
    }
}
