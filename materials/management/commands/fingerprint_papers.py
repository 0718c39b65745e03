from typing import Any

from django.core.management.base import BaseCommand

from materials.actions.likeness import refresh_prints


class Command(BaseCommand):
    help = "为已提交的材料和学习资料建立雷同比对所用的文字特征。新提交的会自动建立；重复执行不会改变任何数据。"

    def handle(self, *args: Any, **options: Any) -> None:
        done = refresh_prints(read=lambda number: self.stdout.write(f"  已读取 {number} 份"))
        self.stdout.write(f"已建立文字特征 {done} 份。" if done else "全部已有文字特征，没有需要处理的。")
