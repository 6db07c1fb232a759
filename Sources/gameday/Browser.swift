import ChildPrograms
import FoundationEssentials

/// A page for the person's browser. Where no browser can be reached, as over ssh, the address goes to the clipboard.
struct Browser: Sendable {
    let url: String

    /// Opens the page, and says in words what became of it.
    func open(
        environment: [String: String] = ProcessInfo.processInfo.environment, copying copy: (String) async -> Void
    ) async -> String {
        if let opener = Self.opener(environment) {
            let command = ChildCommand(
                path: opener, arguments: [opener, url], environment: environment, timeout: .seconds(20))
            if case .finished(status: 0, _, _) = await ChildProcesses().run(command) { return "Opened \(url)" }
        }
        await copy(url)
        return "No browser here: copied \(url)"
    }

    /// A program that knows the person's browser: only where there is a desktop to show it on.
    static func opener(_ environment: [String: String]) -> String? {
        let search = ExecutableSearch(environment: environment)
        if let browser = environment["BROWSER"], !browser.isEmpty { return search.find(browser) }
        let hasDesktop = ["WAYLAND_DISPLAY", "DISPLAY"].contains { !(environment[$0] ?? "").isEmpty }
        return hasDesktop ? search.find("xdg-open") : nil
    }
}
