/// The pages that were asked for before: choosing names by a regular expression costs more than writing the page.
struct FilterMemory: Sendable {
    private struct Key: Hashable {
        var service: Int
        var filter: String?
    }

    /// Filters come from outside; one that changes with each request must not fill the memory.
    private static let most = 20_000
    private var pages: [Key: StatsPage] = [:]

    mutating func page(of service: Int, in fleet: Fleet, filter: String?) throws -> StatsPage {
        let key = Key(service: service, filter: filter)
        if let page = pages[key] { return page }
        let page: StatsPage
        if let filter {
            let expression = try Regex(filter)
            page = StatsPage(of: service, in: fleet) { $0.contains(expression) }
        } else {
            page = StatsPage(of: service, in: fleet) { _ in true }
        }
        if pages.count >= Self.most { pages.removeAll() }
        pages[key] = page
        return page
    }
}
