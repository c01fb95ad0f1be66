-- SPDX-License-Identifier: GPL-2.0-or-later
-- FreeSWITCH tells xdpban who failed to register, and who did register.
--
-- In autoload_configs/lua.conf.xml:
--
--   <hook event="CUSTOM" subclass="sofia::register_failure" script="/etc/xdpban/freeswitch.lua"/>
--   <hook event="CUSTOM" subclass="sofia::register" script="/etc/xdpban/freeswitch.lua"/>
--
-- and events-group = freeswitch in xdpban.local.  The jail [freeswitch] counts it,
-- with its log or with backend = events.  FreeSWITCH sets `event` for each call.

-- The address is FreeSWITCH's own text, but a shell will read it.
local ip = event:getHeader("network-ip") or ""
if not ip:match("^[%x:.]+$") then
	return
end

-- What a client may call itself is anything: keep what is harmless, and not much.
local user = (event:getHeader("to-user") or event:getHeader("from-user") or "")
user = user:gsub("[^%w@._+-]", "_"):sub(1, 64)

local what = "failure"
if event:getHeader("Event-Subclass") == "sofia::register" then
	what = "success"
end

-- Registered(TLS-NAT) and the like; a refusal does not say by what it came.
local transport = (event:getHeader("status") or ""):match("^Registered%((%a+)")
transport = transport and transport:lower() or ""
if not ({ udp = 1, tcp = 1, tls = 1, ws = 1, wss = 1 })[transport] then
	transport = nil
end

os.execute("xdpban event freeswitch " .. ip .. " what=" .. what ..
	(user ~= "" and " user=" .. user or "") ..
	(transport and " transport=" .. transport or "") .. " >/dev/null 2>&1 &")
