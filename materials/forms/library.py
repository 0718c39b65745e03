from typing import Any

from django import forms
from django.db.models import Q

from accounts.forms.records import RecordForm
from accounts.models import User
from materials.models import Book, Distribution, Material
from studygroup.lib.forms import Form, RowsField

MOST_COPIES = 100_000


class MaterialForm(RecordForm):
    class Meta:
        model = Material
        fields = ["group", "title", "source", "source_level", "content_class", "published_on", "body"]
        help_texts = {"source": "例如：学习强国、《求是》、《人民日报》、《半月谈》。"}
        widgets = {"body": forms.Textarea(attrs={"rows": 12})}


class BookForm(RecordForm):
    received_copies = forms.IntegerField(label="到书册数", min_value=1, max_value=MOST_COPIES)

    class Meta:
        model = Book
        fields = ["group", "title", "category", "source", "received_copies", "received_on"]
        help_texts = {"source": "例如：县委宣传部下发、自行购买。"}


class BookChoice(forms.ModelChoiceField):
    def label_from_instance(self, book: Book) -> str:
        return f"{book.title}（余 {book.balance} 册）"


class DistributionForm(RecordForm):
    """The entry's group is that of its book."""

    book = BookChoice(Book.objects.none(), label="书名", empty_label="请选择")
    copies = forms.IntegerField(label="领取册数", min_value=1, max_value=MOST_COPIES)

    class Meta:
        model = Distribution
        fields = ["book", "receiver", "copies", "handed_out_on", "is_signed"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        books = Book.objects.manageable_by(user).with_balance()
        if not self.instance.pk:
            self.initial["is_signed"] = False  # a signature is said, never assumed
        if self.instance.pk:
            books = books.filter(group=self.instance.group)
        if not self.is_bound:  # a book used up while somebody was typing is refused by the action, with its balance
            books = books.filter(Q(balance__gt=0) | Q(pk=self.instance.book_id))
        self.fields["book"].queryset = books


class SessionTextsForm(Form):
    """Texts of the library to put on a session's page (`attach`) and to take off it (`detach`)."""

    attach = RowsField(Material.objects.none(), required=False)
    detach = RowsField(Material.objects.none(), required=False)

    def __init__(self, *args: Any, library: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if library is not None:
            self.fields["attach"].queryset = self.fields["detach"].queryset = library
