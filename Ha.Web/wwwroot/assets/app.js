// What the page needs of the browser itself: dialogs, focus, the viewer's time zone, and coming back by itself
// when ha-web was restarted or out of reach.
(() => {
  const retryEveryMs = 500;
  const probeLimitMs = 1500;
  const probesAtOnce = 4;
  const reconnectLimitMs = 8000;

  window.haWeb = {
    timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    openDialog: dialog => { if (!dialog.open) { dialog.showModal(); } },
    closeDialog: (dialog, nextFocus) => {
      if (dialog.open) {
        dialog.close(); // gives the focus back to the button that opened it
      }
      if (nextFocus) {
        document.getElementById(nextFocus)?.focus();
      }
    },
  };

  const banner = document.getElementById("circuit-banner");
  const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
  let attempt = 0;

  async function probe() {
    const answer = await fetch("health/live", { cache: "no-store", signal: AbortSignal.timeout(probeLimitMs) });
    if (!answer.ok) {
      throw new Error("status " + answer.status);
    }
  }

  // A machine that died leaves connections behind that never answer. A question that is given up after a while makes
  // the browser drop such a connection; several at once reach a new one, which may lead to whoever took the address
  // over.
  async function serverAnswers() {
    try {
      await Promise.any(Array.from({ length: probesAtOnce }, probe));
      return true;
    } catch {
      return false; // out of reach: the banner says so, and we go on trying
    }
  }

  // The server keeps a cut-off page for a while: then it goes on where it was. Otherwise (restarted, or another
  // server) it is loaded anew.
  async function reconnect(mine) {
    while (mine === attempt) {
      if (await serverAnswers()) {
        const back = await Promise.race([Blazor.reconnect().catch(() => false), pause(reconnectLimitMs)]);
        if (!back) {
          location.reload();
        }
        return;
      }
      await pause(retryEveryMs);
    }
  }

  const reconnectionHandler = {
    onConnectionDown: () => {
      document.documentElement.classList.add("circuit-down");
      banner.textContent = "No contact with the dashboard's server since " + new Date().toLocaleTimeString()
        + ". What you see is from then. Trying again…";
      banner.hidden = false;
      reconnect(++attempt);
    },
    onConnectionUp: () => {
      attempt++;
      document.documentElement.classList.remove("circuit-down");
      banner.hidden = true;
    },
  };

  // Timeouts go in pairs: the server pings every 2 s (WebApplicationRun.CircuitPing).
  Blazor.start({
    circuit: {
      reconnectionHandler,
      configureSignalR: builder => builder.withServerTimeout(6000).withKeepAliveInterval(2000),
    },
  });
})();
