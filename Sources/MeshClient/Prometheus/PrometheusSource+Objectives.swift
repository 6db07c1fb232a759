internal import MeshModel

extension PrometheusSource {
    /// What the queries of objectives come to, and what is wrong with those that bring nothing. An empty answer is a gap.
    func answersToObjectives(seconds: Double) async -> (reports: [TrafficReport], refusals: [String]) {
        let own = objectives.filter { $0.query != nil }
        let questions = own.map { MeshQuestion(.services, $0.query?.text ?? "", labels: []) }
        var reports: [TrafficReport] = []
        var refusals: [String] = []
        for (objective, result) in zip(own, await ask(questions)) {
            switch result {
            case .failure(let error): refusals.append("\(objective.name): \(error.summary)")
            case .success(let answer) where answer.series.count > 1:
                refusals.append("\(objective.name): its query returned \(answer.series.count) series instead of one")
            case .success(let answer):
                let value = answer.series.first?.points.last?.value
                let milliseconds = Int64(clamping: seconds * 1000)
                guard let value, let sample = objective.sample(ofAnswer: value, milliseconds: milliseconds) else {
                    continue
                }
                reports.append(
                    TrafficReport(source: name, service: objective.scope, inbound: sample, outbound: []))
            }
        }
        return (reports, refusals)
    }
}
