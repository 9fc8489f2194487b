"""What pages are made of besides the article, by the names that sites give their elements and by the words in them.

Names are read word by word (``relatedPosts``, ``related-posts`` and ``related_posts`` say the same), never as substrings:
"widget" is in every element of some page builders and "share" in "shareholders".
"""

import re
from functools import lru_cache
from itertools import pairwise


class Role:
    """What an element says it is: bits, several of which may be set; integers, because a page has thousands of elements."""

    NONE = 0
    FURNITURE = 1
    """Navigation, related links, share bars, advertisements, newsletter boxes, author boxes, banners."""
    COMMENTS = 2
    CAPTION = 4
    UNSEEN = 8
    STAMP = 16
    """Byline, date, rating, category: left out where it is no sentence."""
    BODY = 32
    """The article's body, by its declared name."""
    ARTICLE = 64
    """An article with what belongs to it, such as its headline."""
    HEADER = 128
    FOLDED = 256
    """Hidden by its class: out of sight until a script or a click shows it."""


_FURNITURE = frozenset(
    """
    nav navbar navigation navi menu submenu breadcrumb
    breadcrumbs crumb crumbs sidebar aside rail footer masthead topbar toolbar
    share sharing shares sharebar sharethis addthis addtoany social sociable socials socialmedia jiathis bdsharebuttonbox
    newsletter newsletters subscribe subscription subscriptions signup optin mailchimp mailinglist
    related relateds relatedposts relatedarticles recommend recommended recommends recommendation recommendations recirc
    recirculation readnext readmore morestories mostread mostpopular mostviewed popular trending upnext
    promo promos promobox promotion promotions cta ad ads adv advert adverts advertisement advertisements advertising adsense
    adslot adbox adwrap adunit adcontainer dfp sponsor sponsors sponsored outbrain taboola zergnet revcontent mgid affiliate
    cookie cookies consent gdpr ccpa modal popup popover overlay lightbox paywall regwall onboarding
    bio authorbox authorbio authorinfo tags taglist tagcloud hashtags pagination pager paginator prevnext postnav
    login signin donate donation search searchform searchbox skip disclaimer copyright colophon noprint editsection
    toc factbox tooltip dropdown flyout hamburger appdownload app-download print printfriendly jetpack wpcnt shariff heateor
    wxfollow weixin wechat gzh gongzhonghao paihang phb remen guanzhu dashang
    xiangguan tuijian fenxiang daohang guanggao banquan dianzan pinglun ewm erweima qrcode
    """.split()
)
_PAIRS = frozenset(
    """
    author:box author:bio author:info author:card author:profile author:details author:description author:block about:author
    about:the read:next read:more read:also more:from more:stories more:news more:articles more:posts more:on most:read
    most:popular most:viewed most:shared may:like might:like up:next next:article next:post previous:post prev:post
    post:nav post:navigation table:contents call:action follow:us follow:buttons stay:connected latest:news latest:stories
    latest:posts top:stories email:signup mailing:list site:header site:footer page:footer page:header global:header
    post:tags article:tags entry:tags story:tags entry:footer post:footer link:list quick:links back:top jump:recipe
    screen:reader sr:only visually:hidden recipe:card:ingredient buy:now price:table product:card inline:promo
    article:footer story:footer tool:bar breaking:news teaser:list story:package video:playlist hot:news side:bar
    side:content side:column side:box side:nav side:menu right:rail left:rail right:column right:side
    main:right content:right con:right page:right
    news:hot art:share article:share share:bar more:link
    """.split()
)
_COMMENTS = frozenset(
    "comment comments commentlist commentarea disqus livefyre respond replies reply spotim coral talkback".split()
)
_CAPTION = frozenset("caption captions figcaption credit credits photocredit imagecredit imgcaption tujie".split())
_STAMP = frozenset(
    """
    byline bylines author authors dateline date datetime time timestamp published pubdate pubtime updated meta metadata postmeta
    entrymeta category categories kicker eyebrow rating ratings readtime laiyuan bianji fontsize vcard
    """.split()
)
_HIDDEN = frozenset("hidden hide is-hidden d-none invisible visually-hidden visuallyhidden sr-only screen-reader-text".split())
_OWNERS = frozenset("article entry post story news blog single art arti arc detail details field theme".split())
_PARTS = frozenset("body content text txt copy con cont contents bodytext maintext detail details inner fulltext".split())
_BODIES = frozenset(
    "articlebody articlecontent articletext artibody storybody storytext postbody postcontent entrycontent bodytext maintext "
    "fulltext zhengwen newscontent newstext bodycopy".split()
)
_LAYOUT = re.compile(r"(?:^|[-_])(?:has|have|with|without|no|is|not|js)[-_].*", re.IGNORECASE)
"""What follows describes a state or what is beside the element: has-sidebar, body--with-ads, no-comments."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ROLE_ATTRIBUTES = {
    "navigation": Role.FURNITURE,
    "banner": Role.HEADER,
    "contentinfo": Role.FURNITURE,
    "complementary": Role.FURNITURE,
    "search": Role.FURNITURE,
    "dialog": Role.FURNITURE,
    "alertdialog": Role.FURNITURE,
    "tooltip": Role.FURNITURE,
    "menu": Role.FURNITURE,
    "menubar": Role.FURNITURE,
    "toolbar": Role.FURNITURE,
    "article": Role.ARTICLE,
}
ROLE_TAGS = {
    "nav": Role.FURNITURE,
    "footer": Role.FURNITURE,
    "aside": Role.FURNITURE,
    "form": Role.FURNITURE,
    "header": Role.HEADER,
    "article": Role.ARTICLE,
    "figcaption": Role.CAPTION,
    "caption": Role.CAPTION,
    "figure": Role.CAPTION,
    "time": Role.STAMP,
    "address": Role.STAMP,
}
"""Elements that have a role by themselves."""
_SLUG = 3
"""Hyphens; an id with as many is a heading written as an address, and names nothing."""
_STRUCTURAL = re.compile(
    r"[-_](?:wrap|wrapper|box|container|content|text|area|inner|outer|list|block|section|panel)$", re.IGNORECASE
)
"""How an id ends that names a part of the page, however long it is."""
_LAYOUT_WORDS = frozenset("left right wrap wrapper wrapped outer".split())
"""Said of an element that places the body beside something else."""
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def role_of(tag: str, attributes: list[tuple[str, str]]) -> int:
    """The roles of an element by its tag and attributes."""
    role = ROLE_TAGS.get(tag, Role.NONE)
    for name, value in attributes:
        if name == "class" or (name == "id" and not _is_slug(tag, value)):
            role |= _roles_of_names(value[:500])
        elif name == "role":
            role |= _ROLE_ATTRIBUTES.get(value.lower(), Role.NONE)
        elif name == "itemprop":
            if value in ("articleBody", "text", "reviewBody"):
                role |= Role.BODY
            elif value == "comment":
                role |= Role.COMMENTS
            elif value in ("author", "datePublished", "dateModified"):
                role |= Role.STAMP
            elif value == "caption":
                role |= Role.CAPTION
        elif name == "hidden" or (name == "aria-hidden" and value == "true") or (name == "style" and _INVISIBLE.search(value)):
            role |= Role.UNSEEN
        elif name == "aria-modal" and value == "true":
            role |= Role.FURNITURE
    return role


def _is_slug(tag: str, name: str) -> bool:
    if tag in _HEADINGS:
        return True
    return name.count("-") >= _SLUG and _STRUCTURAL.search(name) is None


@lru_cache(maxsize=8192)
def _roles_of_names(names: str) -> int:
    role = Role.NONE
    for name in names.split():
        role |= _role_of_name(name)
    return role


@lru_cache(maxsize=16384)
def _role_of_name(name: str) -> int:
    if name.lower() in _HIDDEN:
        return Role.FOLDED
    words = [word.lower() for word in _WORD.findall(_LAYOUT.sub("", name))]
    found, pairs = set(words), list(pairwise(words))
    role = Role.NONE
    if found & _COMMENTS:
        role |= Role.COMMENTS
    if found & _FURNITURE or any(f"{a}:{b}" in _PAIRS for a, b in pairs):
        role |= Role.FURNITURE
    if found & _CAPTION:
        role |= Role.CAPTION
    if found & _STAMP:
        role |= Role.STAMP
    if role & (Role.FURNITURE | Role.COMMENTS) or found & _LAYOUT_WORDS:
        return role
    if found & _BODIES or any(a in _OWNERS and b in _PARTS for a, b in pairs):
        role |= Role.BODY
    return role
