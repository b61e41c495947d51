import Model
import Netlink
import Planning

/// Makes objects of the sysctls that plans can ask for. Those of links come with the link dump; one is a file.
struct SysctlObjects {
    let remembered: Set<String>

    /// The sysctls of the host's links.
    func observe(_ links: [(message: LinkMessage, owner: ResourceID?)]) -> Observation {
        var observation = Observation()
        let defaults = [
            "net/ipv4": SmallFile.read("/proc/sys/net/ipv4/conf/default/forwarding"),
            "localnet": SmallFile.read("/proc/sys/net/ipv4/conf/default/route_localnet"),
            "ra": SmallFile.read("/proc/sys/net/ipv6/conf/default/accept_ra"),
        ]
        for (link, owner) in links {
            let values: [(String, Int32?, String?)] = [
                ("net/ipv4/conf/\(link.name)/forwarding", link.ipv4?.forwarding, defaults["net/ipv4"] ?? nil),
                ("net/ipv4/conf/\(link.name)/route_localnet", link.ipv4?.routeLocalnet, defaults["localnet"] ?? nil),
                ("net/ipv6/conf/\(link.name)/accept_ra", link.ipv6?.acceptRouterAdvertisement, defaults["ra"] ?? nil),
            ]
            for (path, value, standard) in values {
                guard let value else { continue }
                let object = KernelObject(
                    .sysctl(path), owner: owner ?? .host("forwarding"), fields: [Field(.value, .string("\(value)"))],
                    hangsOn: owner == nil ? [] : [.link(link.name)])
                // On our own links whatever differs from the kernel's default is our doing.
                let isOurs = owner == nil ? remembered.contains(path) : standard != "\(value)"
                observation.insert(object, isOurs ? .ours : .unmarked)
            }
        }
        let path = "net/ipv6/conf/all/forwarding"
        if let value = SmallFile.read("/proc/sys/\(path)") {
            let object = KernelObject(
                .sysctl(path), owner: .host("forwarding"), fields: [Field(.value, .string(value))])
            observation.insert(object, remembered.contains(path) ? .ours : .unmarked)
        }
        return observation
    }
}
