"""The page: ask the dossier, read the sources, add and remove articles.

Everything stays on this machine: the server listens on 127.0.0.1, unless a password is set for
those who come from elsewhere, and the page loads nothing from any other place.
"""

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.config import PROJECT, Settings, go_offline

go_offline()  # before gradio, which otherwise reports its use and looks for newer versions

import gradio as gr  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from rag.errors import RecoupeError, SettingsError  # noqa: E402
from rag.page.access import (  # noqa: E402
    Access,
    PasswordFirst,
    SharedDesk,
    access_for,
    served_names,
)
from rag.page.api import Interface  # noqa: E402
from rag.page.desk import Desk  # noqa: E402
from rag.page.guard import API_ROUTES, LOCAL_HOSTS, PageOnly  # noqa: E402
from rag.page.mcp import ROUTE, McpBeside, McpServer  # noqa: E402
from rag.page.shell import Page  # noqa: E402

if TYPE_CHECKING:
    from rag.assistant import Assistant

ASSETS = PROJECT / "rag" / "page" / "assets"
PARTS = ("recoupe", "ask", "articles")  # of the styles and scripts: what is shared comes first
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "DejaVu Sans Mono", "monospace")


def build_app(desk: Desk) -> gr.Blocks:
    """The page over `desk`, not launched yet."""
    return Page(desk).build()


def main(
    port: int = 7860,
    host: str = "127.0.0.1",
    open_browser: bool = True,
    dossier: Path | None = None,
    with_mcp: bool = False,
) -> None:
    """Serve the page until it is interrupted; the models load once the page is up.

    `with_mcp`: assistants may ask and search too, at /mcp. Raises SettingsError for a port that is
    taken, and for a host other than this machine's where no password is set; RecoupeError where
    the package mcp is missing.
    """
    access = access_for(host)
    _check_port(host, port)
    Settings.load(dossier)  # a wrong setting is told here, not by a page that does not work

    def open_assistant() -> "Assistant":
        from rag.assistant import Assistant  # loads the models: after the page

        return Assistant.open(dossier)

    # the page is checked over the loopback by Gradio itself: never through a proxy
    os.environ["NO_PROXY"] = ",".join(
        filter(None, (os.environ.get("NO_PROXY"), host, *LOCAL_HOSTS))
    )
    # uploads wait here to be added: readable by this user alone, and gone when the page is closed
    with tempfile.TemporaryDirectory(prefix="recoupe-") as uploads:
        os.environ["GRADIO_TEMP_DIR"] = uploads
        desk = Desk(open_assistant) if host in LOCAL_HOSTS else SharedDesk(open_assistant)
        blocks = build_app(desk)
        mcp = McpServer(Interface(desk)) if with_mcp else None
        options = launch_options(host, port, access, mcp)
        blocks.launch(**options, inbrowser=open_browser, prevent_thread_lock=True)
        desk.open_in_background()
        try:
            blocks.block_thread()
        finally:
            desk.close()


def launch_options(
    host: str, port: int, access: Access | None = None, mcp: McpServer | None = None
) -> dict[str, Any]:
    """How the page is served: nothing from outside, and to those alone whom `access` admits."""
    script = "\n".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    routes = (*API_ROUTES, ROUTE) if mcp else API_ROUTES
    middleware = [Middleware(PageOnly, names=served_names(host), routes=routes)]
    if mcp is not None:
        middleware.append(Middleware(McpBeside, server=mcp))
    if access is not None:
        middleware.insert(0, Middleware(PasswordFirst, access=access))
    return {
        "server_name": host,
        "server_port": port,
        "share": False,
        "quiet": True,
        "theme": theme(),
        "css_paths": [ASSETS / f"{name}.css" for name in PARTS],
        "head": f"<script>{script}</script>",
        "favicon_path": ASSETS / "recoupe.png",
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "pwa": False,
        "mcp_server": False,  # Gradio's own would offer every function of the page
        "ssr_mode": False,  # would start a second server
        "num_workers": 0,  # would start more
        "max_file_size": "50mb",
        "state_session_capacity": 100,
        "strict_cors": True,
        "app_kwargs": {
            "middleware": middleware,
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
            **({"lifespan": mcp.lifespan} if mcp else {}),
        },
    }


def theme() -> gr.themes.Base:
    """Only fonts that are on the machine; the colours are in recoupe.css."""
    return gr.themes.Base(font=SANS, font_mono=MONO, radius_size=gr.themes.sizes.radius_sm)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise SettingsError("page.port", port=port) from None


if __name__ == "__main__":
    try:
        main()
    except RecoupeError as error:
        sys.exit(str(error))
