<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class PreloadListTest extends TestCase {
	/** @dataProvider files */
	public function testOnlyFilesThatDeclareClassesArePreloaded( bool $preloaded, string $code ): void {
		$this->assertSame( $preloaded, PreloadList::declaresOnly( "<?php\n$code" ) );
	}

	public function files(): array {
		return [
			'a class' => [ true, 'class A { public function f() { return 1; } }' ],
			'everything around one' => [
				true, "/** A comment. */\ndeclare( strict_types=1 );\nnamespace A\\B;\nuse C\\D;\nuse function e;\n"
					. "#[Attribute]\nabstract class A extends D {}\nfinal class B {}\ninterface I {}\ntrait T {}\n",
			],
			'code inside of strings and methods' => [
				true, 'class A { const B = "{"; function f( $x ) { if ( $x ) { echo "{$x} ${x} }"; } '
					. 'return new class { public $y; }; } }',
			],
			'a heredoc with braces' => [ true, "class A {\n\tfunction f( \$x ) {\n\t\treturn <<<END\n}}} {\$x['a']}\nEND;\n\t}\n}" ],
			'match and closures' => [ true, 'class A { function f() { return match ( true ) { default => fn () => [ 1 ] }; } }' ],
			'an alias after the class' => [ false, 'class A {} class_alias( A::class, "B" );' ],
			'a function' => [ false, 'function f() {} class A {}' ],
			'a constant' => [ false, "const A = 1;\nclass B {}" ],
			'a condition' => [ false, 'if ( !class_exists( "A" ) ) { class A {} }' ],
			'a require' => [ false, 'require_once "a.php"; class A {}' ],
			'a variable' => [ false, 'class A {} $a = new A();' ],
			'settings without a class' => [ false, 'return [ "a" => 1 ];' ],
			'only a namespace' => [ false, 'namespace A;' ],
			'HTML after the class' => [ false, "class A {}\n?>\n<p>" ],
			'nothing' => [ false, '' ],
		];
	}
}
