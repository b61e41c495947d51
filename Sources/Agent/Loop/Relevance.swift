import LinuxHost
import Planning

extension Knowledge {
    /// The scope that a place is in.
    func scope(of place: NoticePlace) -> Scope {
        switch place {
        case .container(let name): .container(name)
        case .link(let name): linkScopes[name] ?? .link(name)
        case .host: .host
        }
    }
}
